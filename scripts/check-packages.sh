#!/bin/bash
# Packs every package, installs the tarballs into an empty folder elsewhere, as a user gets them, and transfers a payload with what lies there:
# by seed and get, and through an agent. With the Node that is first in PATH. Ends with an exit code other than 0 if anything fails.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$folder"' EXIT

# Not built again: packing must find everything made.
npm pack --workspaces --ignore-scripts --pack-destination "$folder" --loglevel=error >/dev/null
cd "$folder"
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel=error ./*.tgz

until_it_says() { # FILE TEXT: waits until a line of the file has the text
  for _ in $(seq 200); do
    grep -qs "$2" "$1" && return
    sleep 0.1
  done
  echo "it never said $2:" >&2
  cat "$1" >&2
  return 1
}

echo "Node $(node --version), brine $(npx brine --version)"
mkdir -p source/maps root
head -c 3000000 /dev/urandom >source/maps/world.img
npx brine create source/maps -o maps.torrent >/dev/null
npx brine seed maps.torrent --path source --listen 127.0.0.1:0 --no-lsd --json >seed.log &
until_it_says seed.log '"event":"ready"'
peer=127.0.0.1:$(sed -nE 's/.*"event":"listening".*"port":([0-9]+).*/\1/p' seed.log)

npx brine get maps.torrent --path got --peer "$peer" --listen 127.0.0.1:0 --no-lsd --seed-for 0 >/dev/null
cmp source/maps/world.img got/maps/world.img

npx brine agent --state "$folder/state" --root "$folder/root" --api 127.0.0.1:0 --listen 127.0.0.1:0 --set lsd=false >agent.log 2>&1 &
until_it_says agent.log 'The agent is ready'
npx brine add maps maps.torrent --state state --peer "$peer"
npx brine watch maps --until-complete --state state >/dev/null
cmp source/maps/world.img root/maps/world.img
npx brine status --state state
# Its page and all that the page needs have come along.
page=$(npx brine dashboard --state state)
node -e '
  const look = async (url) => { const answer = await fetch(url); if (!answer.ok) throw new Error(`${url} answers ${answer.status}`); return answer.text(); };
  const page = process.argv[1].split("#")[0];
  look(page).then(async (html) => {
    const parts = [...html.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, part]) => part);
    if (parts.length === 0) throw new Error("the page has no parts");
    for (const part of parts) await look(new URL(part, page));
  });
' "$page"
npx brine stop --state state
test -f node_modules/@brine/agent/services/systemd/brine-agent.service
