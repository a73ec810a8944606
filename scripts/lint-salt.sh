#!/bin/bash
# Lints the Salt extension, and says whether it is formatted; `lint-salt.sh --fix` mends both.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-salt.sh 3006
ruff=$PWD/scratch/salt/3006/bin/ruff
cd packages/control-salt/salt
if [ "${1:-}" = --fix ]; then
  "$ruff" check --no-cache --fix .
  "$ruff" format --no-cache .
else
  "$ruff" check --no-cache .
  "$ruff" format --no-cache --check .
fi
