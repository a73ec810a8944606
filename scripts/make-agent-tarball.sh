#!/bin/bash
# Makes one archive of the agent with everything that it needs but Node, for Linux and Windows alike (there is nothing native in it):
# make-agent-tarball.sh DIRECTORY writes DIRECTORY/brine-agent-VERSION.tar.gz. Unpacked, it is one folder `brine-VERSION` with
# `brine` and `brine.cmd` to start, and the units of `services`.
set -euo pipefail
target=${1:?'usage: make-agent-tarball.sh DIRECTORY'}
mkdir -p "$target"
target=$(cd "$target" && pwd)
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(node -p 'require("./packages/agent/package.json").version')
folder=$work/brine-$version
mkdir "$work/packed" "$folder"
npm pack --silent --pack-destination "$work/packed" --workspace packages/wire --workspace packages/piece-store \
  --workspace packages/swarm --workspace packages/control-http --workspace packages/agent >/dev/null
npm install --silent --prefix "$folder" --omit=dev --ignore-scripts --no-audit --no-fund --no-package-lock "$work"/packed/*.tgz
rm -f "$folder/package.json" "$folder/package-lock.json" "$folder/node_modules/.package-lock.json"

cat >"$folder/brine" <<'SCRIPT'
#!/bin/sh
exec node "$(dirname "$(readlink -f "$0")")/node_modules/@brine/agent/bin/brine.js" "$@"
SCRIPT
chmod 755 "$folder/brine"
printf '@node "%%~dp0node_modules\\@brine\\agent\\bin\\brine.js" %%*\r\n' >"$folder/brine.cmd"
cp -r packages/agent/services "$folder/services"
tar --create --gzip --owner=0 --group=0 --sort=name --file "$target/brine-agent-$version.tar.gz" --directory "$work" "brine-$version"
echo "$target/brine-agent-$version.tar.gz"
