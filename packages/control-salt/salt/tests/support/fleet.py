"""A real salt-master and real salt-minions on this machine, each in directories of its own, and an agent beside each minion."""

from __future__ import annotations

import collections
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import salt.client
import salt.config
import salt.utils.event
import yaml

from support.real_agent import RealAgent
from support.salt_local import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Callable

# Measured: minions that start at the same instant disturb each other's key exchange.
APART_SECONDS = 0.6
READY_SECONDS = 90


class Minion:
    def __init__(self, directory: Path, name: str, master_port: int) -> None:
        self.name = name
        self.directory = directory
        self.agent = RealAgent(directory / "agent").start()
        self.options = {
            "id": name,
            "master": "127.0.0.1",
            "master_port": master_port,
            "root_dir": str(directory),
            "sock_dir": str(directory / "s"),
            "acceptance_wait_time": 1,
            "random_reauth_delay": 1,
            "log_level_logfile": "info",
            "brine": {"state": str(self.agent.state), "link": "10mbit"},
            "beacons": {"brine": [{"interval": 1}]},
        }
        (directory / "etc").mkdir(parents=True)
        (directory / "etc" / "minion").write_text(yaml.safe_dump(self.options))
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [SCRIPTS / "salt-minion", "-c", self.directory / "etc", "-l", "quiet", "--disable-keepalive"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> subprocess.Popen | None:
        """Begins to; returns the process that is to be waited for."""
        self.agent.kill()
        if self._process is not None:
            self._process.terminate()
        return self._process

    @property
    def cached_bytes(self) -> int:
        """What came through the master's file server."""
        cache = self.directory / "var" / "cache" / "salt" / "minion" / "files"
        return sum(each.stat().st_size for each in cache.rglob("*") if each.is_file())


class Fleet:
    def __init__(self, file_roots: list[Path], names: list[str]) -> None:
        # Paths of Unix sockets must be short.
        self.directory = Path(tempfile.mkdtemp(prefix="brine-salt-"))
        publish_port, return_port = _free_ports(2)
        options = {
            "interface": "127.0.0.1",
            "publish_port": publish_port,
            "ret_port": return_port,
            "root_dir": str(self.directory / "master"),
            "sock_dir": str(self.directory / "s"),
            "auto_accept": True,
            "worker_threads": 3,
            "file_roots": {"base": [str(each) for each in file_roots]},
            "ext_pillar": [{"brine": {}}],
            "brine": {"root": str(self.directory / "rollouts")},
            "log_level_logfile": "trace",
        }
        self._log = self.directory / "master" / "var" / "log" / "salt" / "master"
        (self.directory / "etc").mkdir()
        (self.directory / "rollouts" / "minions").mkdir(parents=True)
        (self.directory / "etc" / "master").write_text(yaml.safe_dump(options))
        command = [SCRIPTS / "salt-master", "-c", self.directory / "etc", "-l", "quiet", "--disable-keepalive"]
        # Extensions of the file server's tree are for the master too; it takes those that are there when it starts.
        self.run("saltutil.sync_all")
        self._master = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.opts = salt.config.client_config(str(self.directory / "etc" / "master"))
        self.minions = [Minion(self.directory / name, name, return_port) for name in names]
        self._ready()

    def _ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with Events(self) as events:
            for minion in self.minions:
                minion.start()
                time.sleep(APART_SECONDS)
            for minion in self.minions:
                events.until(lambda tag, _data, name=minion.name: tag == f"salt/minion/{name}/start", deadline - time.monotonic())

    def run(self, function: str, *arguments: str) -> Any:
        """A runner."""
        command = [SCRIPTS / "salt-run", "-c", self.directory / "etc", "--out=yaml", "-l", "error", function, *arguments]
        (self.directory / "master" / "var" / "cache" / "salt" / "master" / "proc").mkdir(parents=True, exist_ok=True)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return yaml.safe_load(ended.stdout)

    def call(self, names: list[str], function: str, *arguments: Any) -> dict[str, Any]:
        with salt.client.LocalClient(mopts=self.opts) as client:
            return client.cmd(names, function, arguments, tgt_type="list", timeout=60)

    def requests(self) -> collections.Counter:
        """What minions and programs have asked of the master so far, by command."""
        text = self._log.read_text(errors="replace")
        return collections.Counter(re.findall(r"(?:Clear|AES) payload received with command (\S+)", text))

    def stop(self) -> None:
        self._master.terminate()
        for process in [*(minion.stop() for minion in self.minions), self._master]:
            _wait(process)
        shutil.rmtree(self.directory, ignore_errors=True)


class Events:
    """Everything that passes the master's event bus while this is open."""

    def __init__(self, fleet: Fleet) -> None:
        self._opts = fleet.opts
        self.seen: list[tuple[str, dict]] = []
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Events:
        self._thread.start()
        assert self._listening.wait(READY_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def until(self, fits: Callable[[str, dict], bool], seconds: float = 60) -> dict:
        deadline = time.monotonic() + seconds
        while True:
            for tag, data in list(self.seen):
                if fits(tag, data):
                    return data
            assert time.monotonic() < deadline, [tag for tag, _ in self.seen]
            time.sleep(0.05)

    def _listen(self) -> None:
        with salt.utils.event.get_event("master", opts=self._opts, sock_dir=self._opts["sock_dir"], listen=True) as bus:
            while not bus.connect_pub(timeout=1) and not self._stop.is_set():
                time.sleep(0.1)
            self._listening.set()
            while not self._stop.is_set():
                event = bus.get_event(wait=0.2, full=True)
                if event is not None:
                    self.seen.append((event["tag"], event["data"]))


def _wait(process: subprocess.Popen | None) -> None:
    if process is None:
        return
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
