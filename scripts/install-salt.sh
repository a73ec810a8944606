#!/bin/bash
# Makes a virtual environment in scratch/salt/VERSION for each Salt that the extension supports (or for those that are named), with what
# its tests need. Does nothing for one that is there and up to date. Needs Python 3.10 to 3.12 and, to get what is missing on Debian, root.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=(pytest==9.2.0 pytest-salt-factories==1.0.5 ruff==0.17.6)
versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(3006 3008)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  if ! "$@" >"$log" 2>&1 </dev/null; then
    echo "salt: $1 failed:" >&2
    sed -E 's#[a-z]+://[^/ ]+#<registry>#g' "$log" | tail -20 >&2
    exit 1
  fi
}

# The Pythons that Salt's own packages bring are 3.10 and 3.11.
find_python() {
  local name
  for name in python3.11 python3.10 python3.12 python3; do
    if "$name" -c 'import sys, ensurepip, venv; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}
if ! python=$(find_python); then
  export DEBIAN_FRONTEND=noninteractive
  run apt-get -qq update
  run apt-get -qq install -y --no-install-recommends python3-venv
  python=$(find_python) || { echo 'salt: no Python from 3.10 to 3.12 with venv here' >&2; exit 1; }
fi

for version in "${versions[@]}"; do
  directory=scratch/salt/$version
  wanted="salt==$version.* ${tools[*]} $("$python" --version)"
  if [ "$(cat "$directory/installed" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$directory"
    mkdir -p scratch/salt
    run "$python" -m venv "$directory"
    run "$directory/bin/pip" install --quiet --disable-pip-version-check "salt==$version.*" "${tools[@]}"
    echo "$wanted" >"$directory/installed"
  fi
  echo "salt: $("$directory/bin/salt-call" --version) in $directory"
done
