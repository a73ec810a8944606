#!/bin/bash
# Tests the Salt extension with real Salt: test-salt.sh VERSION [PYTEST ARGUMENTS]. Installs that Salt first if it is not there.
set -euo pipefail
version=${1:?'usage: test-salt.sh 3006|3008 [pytest arguments]'}
shift
cd "$(dirname "$0")/.."
scripts/install-salt.sh "$version"
cd packages/control-salt/salt
exec env -u PYTHONPATH "../../../scratch/salt/$version/bin/python" -m pytest -p no:cacheprovider "$@"
