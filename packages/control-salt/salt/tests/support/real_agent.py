"""The built ``brine`` command and agents of it, as processes."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(__file__).resolve().parents[4] / "agent" / "bin" / "brine.js"
PIECE_BYTES = 16_384


def brine(*arguments: str | Path) -> str:
    """What the command prints."""
    assert COMMAND.exists(), f"{COMMAND} is missing"
    ended = subprocess.run(["node", COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return ended.stdout


class Payload:
    """Content in ``directory``, and its torrent."""

    def __init__(self, directory: Path, name: str, pieces: int = 100, folder: bool = False) -> None:
        self.name = name
        self.pieces = pieces
        self.place = directory / name
        content = random.Random(name).randbytes(pieces * PIECE_BYTES)
        directory.mkdir(parents=True, exist_ok=True)
        if folder:
            self.place.mkdir()
            half = len(content) // 2
            (self.place / "first.bin").write_bytes(content[:half])
            (self.place / "below").mkdir()
            (self.place / "below" / "second.bin").write_bytes(content[half:])
        else:
            self.place.write_bytes(content)
        self.torrent = directory / f"{name}.torrent"
        made = brine("create", self.place, "-o", self.torrent, "--piece-size", "16KiB", "--json")
        self.infohash = json.loads(made.strip().splitlines()[-1])["infoHash"]

    def files(self) -> dict[str, bytes]:
        return read_files(self.place)

    def write_part(self, directory: Path, pieces: int) -> None:
        """As if only so many pieces had come: the rest is zeros. For a payload that is one file."""
        directory.mkdir(parents=True, exist_ok=True)
        content = self.place.read_bytes()
        part = content[: pieces * PIECE_BYTES]
        (directory / self.name).write_bytes(part + bytes(len(content) - len(part)))


def read_files(place: Path) -> dict[str, bytes]:
    """The files below a place by their relative paths, or the file itself."""
    if place.is_file():
        return {".": place.read_bytes()}
    return {str(each.relative_to(place)): each.read_bytes() for each in sorted(place.rglob("*")) if each.is_file()}


class RealAgent:
    def __init__(self, directory: Path, *more: str) -> None:
        self.state = directory / "state"
        self.root = directory / "payloads"
        self.root.mkdir(parents=True, exist_ok=True)
        self._more = more
        self._process: subprocess.Popen | None = None

    def start(self) -> RealAgent:
        places = ["--state", self.state, "--root", self.root, "--api", "127.0.0.1:0", "--listen", "127.0.0.1:0"]
        settings = ["--set", "lsd=false", "--set", "log=warn", "--json", *self._more]
        self._process = subprocess.Popen(["node", COMMAND, "agent", *places, *settings], stdout=subprocess.PIPE, text=True)
        for line in self._process.stdout:
            if line.startswith("{") and json.loads(line)["event"] == "ready":
                return self
        raise AssertionError("the agent ended before it was ready")

    def api(self, method: str, path: str, body: Any = None) -> Any:
        found = json.loads((self.state / "agent.json").read_text())
        headers = {"Authorization": f"Bearer {Path(found['tokenFile']).read_text().strip()}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(found["url"] + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read() or b"null")

    @property
    def peer(self) -> str:
        """Where other agents reach this one."""
        return self.api("GET", "/v1/engine")["listening"][0]

    def put(self, payload: Payload, **order: Any) -> None:
        torrent = base64.b64encode(payload.torrent.read_bytes()).decode()
        self.api("PUT", f"/v1/payloads/{payload.name}", {"torrent": torrent, **order})

    def payloads(self) -> dict[str, Any]:
        return {each["name"]: each for each in self.api("GET", "/v1/payloads")["payloads"]}

    def until(self, name: str, fits: Callable[[dict], bool], seconds: float = 30) -> dict:
        deadline = time.monotonic() + seconds
        while True:
            found = self.payloads().get(name)
            if found is not None and fits(found):
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.1)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None
