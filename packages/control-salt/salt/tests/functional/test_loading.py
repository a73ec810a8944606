"""Both forms of the extension are loaded by a real Salt, and say something sensible where no agent runs."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.salt_local import SaltLocal

PROJECT = Path(__file__).resolve().parents[2]
INFOHASH = "ab" * 20
FUNCTIONS = """
    ack add add_peers available endpoint limits list pause peers percent remove resume seed status verify version
""".split()
STATES = "absent complete limits mod_watch only present seeding".split()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked."""
    directory = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", directory, PROJECT], check=True)
    (file,) = directory.glob("saltext*brine-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", directory / "site", file], check=True)
    return directory / "site"


@pytest.fixture(scope="module", params=["file_roots", "wheel"])
def salt(request, tmp_path_factory, file_roots):
    """A masterless minion that has the extension in one form; there is no agent."""
    directory = tmp_path_factory.mktemp(request.param)
    options = {
        "brine": {"state": str(directory / "nothing"), "root": str(directory / "fleet"), "link": "10mbit"},
        "ext_pillar": [{"brine": {}}],
    }
    (directory / "fleet" / "minions").mkdir(parents=True)
    (directory / "fleet" / "minions" / "machine.json").write_text('{"payloads": {"maps": {"infohash": "x"}}}')
    if request.param == "wheel":
        return SaltLocal(directory, [], python_path=request.getfixturevalue("wheel"), **options)
    salt = SaltLocal(directory, [file_roots], **options)
    synced = salt.call("saltutil.sync_all").value
    for kind in ("beacons", "grains", "modules", "pillar", "states"):
        assert synced[kind] == [f"{kind}.brine"]
    return salt


def test_everything_is_loaded(salt):
    assert salt.call("sys.list_functions", "brine").value == [f"brine.{each}" for each in FUNCTIONS]
    assert salt.call("sys.list_state_functions", "brine").value == [f"brine.{each}" for each in STATES]
    assert salt.call("grains.get", "brine").value == {"link": "10mbit"}
    assert salt.call("config.get", "brine:payloads").value == {"maps": {"infohash": "x"}}


def test_without_an_agent_functions_say_so_in_one_line(salt):
    assert salt.call("brine.available").value is False
    called = salt.call("brine.add", "maps", infohash=INFOHASH)
    assert called.code != 0
    (line,) = [each for each in called.said.strip().splitlines() if not each.startswith("[ERROR")]
    assert "No Brine agent runs here: " in line
    assert "Start the service" in line
    assert "Traceback" not in called.said


def test_without_an_agent_no_state_succeeds_and_none_is_a_fault(salt):
    salt.sls("all", ALL_STATES)
    states = salt.apply("all")
    assert len(states) == 6
    for state in states.values():
        assert state["result"] is False, state
        assert state["comment"].startswith("No Brine agent runs here: ")
        assert "\n" not in state["comment"]
        assert state["changes"] == {}


ALL_STATES = """
maps:
  brine.present:
    - infohash: abababababababababababababababababababab
there: {brine.complete: [name: maps]}
gone: {brine.absent: [name: maps]}
others: {brine.only: [payloads: [maps]]}
served: {brine.seeding: [name: maps, infohash: abababababababababababababababababababab, path: /srv]}
bandwidth: {brine.limits: [down: 1mbit]}
"""
