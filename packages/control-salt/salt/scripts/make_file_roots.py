"""
Makes the ``file_roots`` form of the extension: ``make_file_roots.py DIRECTORY`` writes ``_modules``, ``_states`` and so on, from where
``saltutil.sync_all`` (and ``saltutil.sync_all`` of ``salt-run``) fetches them. Other files in the directory are left alone.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src" / "saltext" / "brine"
KINDS = ("modules", "states", "beacons", "grains", "runners", "pillar")


def make_file_roots(directory: Path) -> list[Path]:
    """Returns the files that were written."""
    written = []
    for kind in KINDS:
        target = directory / f"_{kind}"
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted((SOURCE / kind).glob("[!_]*.py")):
            written.append(Path(shutil.copy(file, target)))
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_file_roots.py DIRECTORY")
    for each in make_file_roots(Path(sys.argv[1])):
        print(each)
