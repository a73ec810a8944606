"""The example states are rendered by a real Salt, for Linux and for Windows."""

import tarfile
from pathlib import Path

import pytest
import yaml
from support.salt_local import SaltLocal

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
INFOHASH = "6a9759bffd5c0af65319979fb7832189f4f3c35d"


@pytest.fixture(scope="module", params=["Linux", "Windows"])
def salt(request, tmp_path_factory, file_roots):
    options = {"grains": {"kernel": request.param}} if request.param == "Windows" else {}
    salt = SaltLocal(tmp_path_factory.mktemp("examples"), [file_roots, EXAMPLES / "states"], **options)
    salt.pillar.joinpath("top.sls").write_text("base: {'*': [brine]}\n")
    pillar = (EXAMPLES / "pillar" / "brine.sls").read_text()
    if request.param == "Windows":
        pillar = pillar.replace("/srv/payloads", "'C:\\Payloads'")
    salt.pillar.joinpath("brine.sls").write_text(pillar)
    return salt


def test_every_state_renders_and_configures_site_roots_and_limits(salt, request):
    windows = "Windows" in request.node.name
    shown = salt.call("state.show_sls", ["brine", "brine.install", "brine.started", "brine.stopped"]).value
    assert isinstance(shown, dict), shown
    dataset = _argument(shown["brine configuration"]["file"], "dataset")
    root = "C:\\Payloads" if windows else "/srv/payloads"
    assert dataset == {"roots": [root], "site": "de/muc", "limits": {"wan-down": "mon-fri 08:00-18:00 2mbit; 20mbit"}}
    order = shown["order maps"]["brine"]
    assert "present" in order
    assert _argument(order, "infohash") == INFOHASH
    assert _argument(order, "path") == root
    assert _argument(shown["no other payloads"]["brine"], "payloads") == ["maps"]
    assert _argument(shown["no other payloads"]["brine"], "allow_empty") is False
    assert _argument(shown["brine files"]["archive"], "source").startswith("salt://")
    # What Salt would call on each platform is what that platform has.
    used = {key for each in shown.values() if isinstance(each, dict) for key in each}
    assert used & {"win_path", "win_firewall"} == ({"win_path", "win_firewall"} if windows else set())
    assert _argument(shown["brine service"]["service"], "name") == ("BrineAgent" if windows else "brine-agent")


def test_installation_is_made_of_what_salt_has_and_a_test_changes_nothing(tmp_path, file_roots):
    files = tmp_path / "files" / "brine" / "files"
    (files / "brine-0.1.0").mkdir(parents=True)
    with tarfile.open(files / "brine-agent-0.1.0.tar.gz", "w:gz") as archive:
        archive.add(files / "brine-0.1.0", "brine-0.1.0")
    salt = SaltLocal(tmp_path / "salt", [file_roots, EXAMPLES / "states", tmp_path / "files"])
    salt.pillar.joinpath("top.sls").write_text("base: {'*': [brine]}\n")
    agent = {"folder": str(tmp_path / "opt"), "config": str(tmp_path / "agent.yaml"), "roots": [str(tmp_path / "root")], "node_package": ""}
    salt.pillar.joinpath("brine.sls").write_text(yaml.safe_dump({"brine": {"agent": agent}}))
    states = salt.apply("brine.agent", test=True)
    results = {name: state["result"] for name, state in states.items()}
    # Units are copied from the archive, which a test does not unpack.
    units = {name for name in results if name.startswith("brine unit ")}
    assert {name for name, result in results.items() if result is False} <= units | {
        "brine units are read",
        "brine socket",
        "brine service",
    }, states
    assert {results[name] for name in ("brine files", "brine configuration", f"brine root {tmp_path / 'root'}")} == {None}
    for name in units:
        assert "is not present" in states[name]["comment"]
    assert not (tmp_path / "opt").exists()
    assert not (tmp_path / "agent.yaml").exists()


def test_configurations_for_master_and_minion_are_yaml_that_the_extension_accepts(configure_loader_modules):
    from saltext.brine.beacons import brine

    minion = yaml.safe_load((EXAMPLES / "minion.d" / "brine.conf").read_text())
    assert brine.validate(minion["beacons"]["brine"]) == (True, "Valid beacon configuration")
    master = yaml.safe_load((EXAMPLES / "master.d" / "brine.conf").read_text())
    assert master["ext_pillar"] == [{"brine": {}}]


@pytest.fixture
def configure_loader_modules():
    return {}


def _argument(chunk, name):
    (found,) = [each[name] for each in chunk if isinstance(each, dict) and name in each]
    return found
