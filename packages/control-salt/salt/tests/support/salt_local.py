"""``salt-call --local`` of the Salt whose Python runs the tests, with a configuration of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

SCRIPTS = Path(sys.executable).parent


class Called(NamedTuple):
    """How a call ended: what it returned, its exit code, and what it wrote beside."""

    value: Any
    code: int
    said: str


class SaltLocal:
    def __init__(self, directory: Path, file_roots: list[Path], python_path: Path | None = None, **options: Any) -> None:
        self.directory = directory
        self.states = directory / "states"
        self.pillar = directory / "pillar"
        for each in (directory / "etc", self.states, self.pillar):
            each.mkdir(parents=True, exist_ok=True)
        self._environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if python_path is not None:
            self._environment["PYTHONPATH"] = str(python_path)
        self.options = {
            "id": "machine",
            "file_client": "local",
            "root_dir": str(directory / "root"),
            "file_roots": {"base": [str(self.states), *map(str, file_roots)]},
            "pillar_roots": {"base": [str(self.pillar)]},
            "log_level_logfile": "quiet",
            **options,
        }
        self.configure()

    def configure(self, **options: Any) -> None:
        self.options.update(options)
        for name in ("minion", "master"):
            (self.directory / "etc" / name).write_text(yaml.safe_dump(self.options))

    def call(self, function: str, *arguments: Any, **keywords: Any) -> Called:
        said = [*(_text(each) for each in arguments), *(f"{key}={_text(value)}" for key, value in keywords.items())]
        return self._run("salt-call", "--local", "--retcode-passthrough", function, *said)

    def run(self, function: str, *arguments: Any, **keywords: Any) -> Called:
        """A runner, on this machine as if it were the master."""
        return self._run("salt-run", function, *map(_text, arguments), *(f"{key}={_text(value)}" for key, value in keywords.items()))

    def _run(self, program: str, *arguments: str) -> Called:
        command = [SCRIPTS / program, "-c", self.directory / "etc", "--out=json", "-l", "error", *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, env=self._environment)
        try:
            value = json.loads(ended.stdout)
        except ValueError:
            value = ended.stdout
        if isinstance(value, dict) and set(value) == {"local"}:
            value = value["local"]
        return Called(value, ended.returncode, ended.stderr)

    def sls(self, name: str, text: str) -> None:
        (self.states / f"{name}.sls").write_text(text)

    def single(self, function: str, name: str, **keywords: Any) -> dict:
        """What one state returned."""
        return only_state(self.call("state.single", function, name=name, **keywords).value)

    def apply(self, name: str, **keywords: Any) -> dict[str, dict]:
        """What the states of one SLS returned, by their ids."""
        return by_id(self.call("state.apply", name, **keywords).value)


def by_id(states: Any) -> dict[str, dict]:
    assert isinstance(states, dict), states
    return {state["__id__"]: state for state in states.values()}


def only_state(states: Any) -> dict:
    assert isinstance(states, dict), states
    (state,) = states.values()
    return state


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value) if not isinstance(value, Path) else str(value)
