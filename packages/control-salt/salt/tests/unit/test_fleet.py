"""Runner and external pillar, which meet in files; and the grains."""

import json
import os

import pytest
from salt.exceptions import CommandExecutionError, SaltInvocationError
from support.fake_agent import FakeAgent

from saltext.brine.grains import brine as grains
from saltext.brine.pillar import brine as pillar
from saltext.brine.runners import brine as runner

INFOHASH = "ab" * 20
HOSTILE = [
    "../../etc/passwd",
    "..",
    ".",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "a\0b",
    "a%2Fb",
    "ä",
    "a b",
    "",
    ".hidden",
    "C:\\x",
    "con",
    "a\nb",
    "x" * 300,
]


@pytest.fixture
def root(tmp_path):
    return tmp_path / "fleet"


@pytest.fixture
def configure_loader_modules(root):
    opts = {"brine": {"root": str(root)}, "pki_dir": str(root / "pki")}
    return {runner: {"__opts__": opts}, pillar: {"__opts__": opts}, grains: {"__opts__": opts}}


def pillar_of(minion):
    return pillar.ext_pillar(minion, {}).get("brine")


def test_a_rollout_reaches_the_pillars_of_its_minions_and_no_others(root):
    assert runner.rollout_list() == {}
    put = runner.rollout_put("maps", INFOHASH.upper(), "a,b.example", path="/srv", peers=["192.0.2.1:1"], trackers="udp://t", down="1mbit")
    assert put == {"changed": True, "minions": 2, "added": ["a", "b.example"], "removed": []}
    order = {"infohash": INFOHASH, "path": "/srv", "peers": ["192.0.2.1:1"], "trackers": ["udp://t"], "down": "1mbit"}
    assert pillar_of("b.example") == {"payloads": {"maps": order}, "allow_empty": False}
    assert pillar_of("c") is None
    again = runner.rollout_put("maps", INFOHASH, ["b.example", "a"], path="/srv", peers=["192.0.2.1:1"], trackers=["udp://t"], down="1mbit")
    assert again["changed"] is False

    runner.rollout_put("films", "cd" * 20, "b.example")
    assert list(pillar_of("b.example")["payloads"]) == ["films", "maps"]
    assert runner.rollout_put("maps", INFOHASH, "b.example")["removed"] == ["a"]
    # Not missing, but meant: nothing is wanted there any more.
    assert pillar_of("a") == {"payloads": {}, "allow_empty": True}
    assert runner.rollout_get("maps")["minions"] == ["b.example"]
    assert {name: each["minions"] for name, each in runner.rollout_list().items()} == {"films": 1, "maps": 1}

    assert runner.rollout_remove("maps")["removed"] == ["b.example"]
    assert runner.rollout_remove("maps")["changed"] is False
    assert list(pillar_of("b.example")["payloads"]) == ["films"]
    with pytest.raises(CommandExecutionError, match='no rollout "maps"'):
        runner.rollout_get("maps")
    assert not list(root.rglob(".new-*"))


def test_a_file_that_was_damaged_is_written_again_by_the_same_rollout(root):
    runner.rollout_put("maps", INFOHASH, "a")
    file = root / "minions" / "a.json"
    good = file.read_text()
    for damaged in ("", good[:20], "[]", '{"payloads": []}'):
        file.write_text(damaged)
        with pytest.raises(CommandExecutionError, match=r"a\.json"):
            pillar_of("a")
        runner.rollout_put("maps", INFOHASH, "a")
        assert file.read_text() == good


def test_a_pillar_fails_rather_than_be_empty_when_its_place_is_missing(root):
    with pytest.raises(CommandExecutionError, match="is no directory"):
        pillar_of("a")
    runner.rollout_list()
    (root / "minions").mkdir()
    assert pillar_of("a") is None
    (root / "minions" / "a.json").write_text('{"payloads": {"x": "' + "x" * pillar.BYTES_MAX + '"}}')
    with pytest.raises(CommandExecutionError, match="more than"):
        pillar_of("a")


def test_files_are_replaced_never_rewritten(root, monkeypatch):
    runner.rollout_put("maps", INFOHASH, "a")
    before = (root / "minions" / "a.json").read_text()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
    with pytest.raises(OSError, match="power cut"):
        runner.rollout_put("films", "cd" * 20, "a")
    assert (root / "minions" / "a.json").read_text() == before
    assert sorted(os.listdir(root / "rollouts")) == ["maps.json"]


@pytest.mark.parametrize("minion", HOSTILE)
def test_a_minion_id_is_one_plain_name_below_the_directory(root, minion):
    (root / "minions").mkdir(parents=True)
    name = pillar._file_name(minion)
    assert name == runner._file_name(minion)
    assert os.path.basename(name) == name
    assert name not in (".", "..")
    assert not name.startswith(".") or minion == ""
    assert all(each.isascii() and each.isprintable() and each not in '/\\: "' for each in name)
    outside = root / "passwd.json"
    outside.write_text(json.dumps({"payloads": {"stolen": {}}}))
    try:
        assert pillar_of(minion) is None
    except OSError as error:
        assert "too long" in str(error)  # noqa: PT017


def test_different_minions_have_different_files():
    ids = [*HOSTILE, "a", "A", "a.b", "a-b", "a_b", "%", "%25", "a%2Fb", "a%252Fb"]
    assert len({pillar._file_name(each) for each in ids}) == len(set(ids))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "../x"}, "name: letters"),
        ({"name": ""}, "name: letters"),
        ({"infohash": "xyz"}, "infohash: give 40 hex digits"),
        ({"infohash": 12}, "quoted"),
        ({"tgt": "../x"}, "cannot be a minion"),
        ({"tgt": ""}, "matches no minion"),
        ({"tgt": [1]}, "tgt: give a list"),
        ({"peers": [f"192.0.2.{at}:1" for at in range(9)]}, "at most 8"),
    ],
)
def test_a_rollout_that_makes_no_sense_is_refused_and_leaves_nothing(root, arguments, message):
    with pytest.raises(SaltInvocationError, match=message):
        runner.rollout_put(**{"name": "maps", "infohash": INFOHASH, "tgt": "a", **arguments})
    assert not list(root.rglob("*.json"))


def test_a_report_sorts_minions(monkeypatch):
    monkeypatch.setattr(runner, "_connected", lambda: {"a", "b", "c", "d", "e"})

    class Client:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def cmd(self, minions, function, **_):
            assert function == "brine.status"
            assert minions == ["a", "b", "c", "d", "e"]
            payload = {"infohash": INFOHASH, "phase": "seeding", "complete": True, "percent": 100}
            fetching = {**payload, "complete": False, "phase": "downloading", "percent": 43}
            return {
                "a": {"ret": {"maps": payload}, "retcode": 0},
                "b": {"ret": {"maps": fetching}, "retcode": 0},
                "c": {"ret": "ERROR: No Brine\nagent", "retcode": 1},
                "d": {"ret": {"maps": {**payload, "infohash": "cd" * 20}}, "retcode": 0},
            }

    monkeypatch.setattr(runner.salt.client, "get_local_client", lambda **_: Client())
    runner.rollout_put("maps", INFOHASH, "a,b,c,d,e,f")
    report = runner.status("maps")
    assert report == {
        "infohash": INFOHASH,
        "complete": ["a"],
        "fetching": {"b": 43},
        "trouble": {"c": "ERROR: No Brine agent", "d": "it is not ordered there yet; apply its states"},
        "absent": ["e", "f"],
        "counts": {"complete": 1, "fetching": 1, "trouble": 2, "absent": 2},
    }


class TestGrains:
    def test_tell_what_is_configured_and_what_the_agent_says(self, tmp_path):
        grains.__opts__["brine"] = {"state": str(tmp_path), "link": "10mbit"}
        assert grains.brine() == {"brine": {"link": "10mbit"}}
        FakeAgent(tmp_path).announce("http://127.0.0.1:1")
        assert grains.brine() == {"brine": {"site": "de/muc", "link": "10mbit", "version": "1.2.3"}}
        grains.__opts__["brine"]["site"] = "de/ber"
        assert grains.brine()["brine"]["site"] == "de/ber"

    @pytest.mark.parametrize("content", ["", "[]", "\x00", "5"])
    def test_are_absent_where_nothing_is_known(self, tmp_path, content):
        (tmp_path / "agent.json").write_text(content)
        grains.__opts__["brine"] = {"state": str(tmp_path)}
        assert grains.brine() == {}
