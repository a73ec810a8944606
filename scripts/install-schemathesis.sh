#!/bin/bash
# Installs schemathesis, the property tester of OpenAPI documents, from PyPI into a virtual environment at scratch/schemathesis. Does nothing
# when it is there. Needs python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.32.5
place=scratch/schemathesis
if "$place/bin/st" --version 2>/dev/null | grep -qF "$version"; then
  echo "schemathesis: $version is installed"
  exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  if ! "$@" >"$log" 2>&1 </dev/null; then
    echo "schemathesis: $* failed:" >&2
    sed -E 's#[a-z]+://[^/ ]+#<mirror>#g' "$log" | tail -20 >&2
    exit 1
  fi
}

rm -rf "$place"
run python3 -m venv "$place"
run "$place/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
echo "schemathesis: installed $version"
