"""States against a real agent, by a real ``salt-call``."""

import time

import pytest
from support.real_agent import read_files
from support.salt_local import by_id

TOP = "base: {'*': [maps]}\n"
INSTALL = """
{{% set path = {root!r} %}}
order maps:
  brine.present:
    - name: maps
    - torrent: {torrent}
    - path: {{{{ path }}}}
    - mode: adopt
maps is there:
  brine.complete:
    - name: maps
    - infohash: '{infohash}'
    - require: [brine: order maps]
install maps:
  cmd.run:
    - name: echo installed >> {log}
    - onchanges: [brine: maps is there]
use maps:
  test.succeed_without_changes:
    - require: [brine: maps is there]
"""


@pytest.fixture(scope="module")
def maps(make_payload):
    return make_payload("maps")


def test_an_order_walks_from_43_percent_to_installed_once(salt, agent, source, maps, tmp_path):
    log = tmp_path / "installed"
    maps.write_part(agent.root, 43)
    salt.sls("top", TOP)
    salt.sls("maps", INSTALL.format(root=str(agent.root), torrent=maps.torrent, infohash=maps.infohash, log=log))

    # In a test nothing happens, and what would happen is neither true nor false.
    would = salt.apply("maps", test=True)
    assert would["order maps"]["result"] is None
    assert would["order maps"]["changes"] == {"maps": {"old": None, "new": maps.infohash}}
    assert would["maps is there"]["result"] is False
    assert agent.payloads() == {}

    first = salt.apply("maps")
    assert first["order maps"]["result"] is True
    assert first["order maps"]["changes"] == {"maps": {"old": None, "new": maps.infohash}}
    agent.until("maps", lambda found: found["percent"] == 43)

    # At 43 per cent: the order stands, completion does not, and who depends on it waits.
    part = salt.apply("maps")
    assert part["order maps"]["result"] is True
    assert part["order maps"]["changes"] == {}
    assert "43 %" in part["order maps"]["comment"]
    assert part["maps is there"]["result"] is False
    assert "43 %" in part["maps is there"]["comment"]
    assert part["maps is there"]["changes"] == {}
    assert part["use maps"]["result"] is False
    assert not log.exists()
    assert salt.apply("maps", test=True)["order maps"]["result"] is True
    assert salt.call("brine.percent", "maps").value == 43

    assert salt.call("brine.add_peers", "maps", source.peer).code == 0
    agent.until("maps", lambda found: found["complete"])
    would = salt.apply("maps", test=True)
    assert would["maps is there"]["result"] is None
    assert would["install maps"]["result"] is None
    assert not log.exists()

    runs = [by_id(salt.call("state.highstate").value) for _ in range(5)]
    assert [bool(run["maps is there"]["changes"]) for run in runs] == [True, False, False, False, False]
    assert all(run["use maps"]["result"] is True for run in runs)
    assert log.read_text() == "installed\n"
    assert read_files(agent.root / "maps") == maps.files()
    assert salt.apply("maps", test=True)["maps is there"]["result"] is True

    # Whoever wants it once more says so.
    assert salt.call("brine.ack", "maps", undo=True).code == 0
    assert salt.apply("maps")["install maps"]["changes"]
    assert log.read_text() == "installed\n" * 2

    # What is watched has changed: everything is hashed again, and nothing is installed because of it.
    salt.sls("watch", WATCH.format(infohash=maps.infohash))
    watched = salt.apply("watch")
    assert watched["maps is there"]["result"] is True
    assert watched["maps is there"]["comment"] == "maps is complete and verified"
    assert watched["installer"]["result"] is True
    assert watched["installer"]["changes"] == {}


WATCH = """
disk was repaired: {{cmd.run: [name: 'true']}}
maps is there:
  brine.complete:
    - name: maps
    - timeout: 20
    - watch: [cmd: disk was repaired]
installer:
  test.succeed_with_changes:
    - onchanges: [brine: maps is there]
"""


class TestOnly:
    @pytest.fixture
    def three(self, agent, make_payload):
        """Of three payloads one is the machine's own, which it serves; two were fetched."""
        payloads = {}
        for name in ("kept", "unwanted", "own"):
            payloads[name] = make_payload(f"{name}-{agent.root.parent.parent.name}", pieces=3)
        own = payloads["own"]
        (agent.root / own.name).write_bytes(own.place.read_bytes())
        agent.put(own, mode="seed")
        return payloads

    def test_deletes_exactly_what_it_may(self, salt, agent, source, three):
        kept, unwanted, own = three.values()
        for each in (kept, unwanted):
            agent.put(each, peers=[source.peer])
        for each in three.values():
            agent.until(each.name, lambda found: found["complete"])
        (agent.root / "mine.txt").write_text("not the agent's")
        before = read_files(agent.root)

        # Nothing is deleted because a list is empty, missing, or no list; nor in a test.
        salt.sls("refused", REFUSED)
        refused = salt.apply("refused")
        assert len(refused) == 4
        for state in refused.values():
            assert state["result"] is False
            assert state["comment"].startswith("nothing is removed: ")
        listed = {"payloads": [kept.name, "not-ordered-here"]}
        would = salt.single("brine.only", "these", test=True, **listed)
        assert would["result"] is None
        changes = {each.name: {"old": each.infohash, "new": None} for each in (unwanted, own)}
        assert would["changes"] == changes

        # Nor when the pillar fails: neither by Salt, nor by the state when it is called all the same.
        salt.configure(ext_pillar=[{"brine": {"root": "/dev/null"}}])
        failed = salt.call("state.single", "brine.only", name="these", **listed)
        assert failed.code != 0
        salt.configure(ext_pillar=[])
        assert sorted(agent.payloads()) == sorted(each.name for each in three.values())
        assert read_files(agent.root) == before

        real = salt.single("brine.only", "these", **listed)
        assert real["result"] is True
        assert real["changes"] == changes
        assert list(agent.payloads()) == [kept.name]
        again = salt.single("brine.only", "these", **listed)
        assert (again["result"], again["changes"]) == (True, {})
        # What the agent fetched is gone; what it only served, and what is nobody's business, is there.
        wait_until_gone(agent.root / unwanted.name)
        assert read_files(agent.root) == {key: value for key, value in before.items() if key != unwanted.name}

        meant = salt.single("brine.only", "none", payloads=[], allow_empty=True)
        assert meant["result"] is True
        assert agent.payloads() == {}


REFUSED = """
empty: {brine.only: [payloads: []]}
missing: {brine.only: []}
null: {brine.only: [payloads: null]}
text: {brine.only: [payloads: maps]}
""".replace("null:", "'null':", 1)


def test_other_states_change_once_and_say_before_what_they_would_do(salt, agent, make_payload):
    served = make_payload(f"served-{agent.root.parent.parent.name}", pieces=3)
    (agent.root / served.name).write_bytes(served.place.read_bytes())
    salt.sls("others", OTHERS.format(name=served.name, torrent=served.torrent, path=agent.root))
    would = salt.apply("others", test=True)
    assert {each: state["result"] for each, state in would.items()} == {"served": None, "bandwidth": None, "gone": True}
    assert agent.payloads() == {}
    assert agent.api("GET", "/v1/limits")["source"] == "configuration"

    real = salt.apply("others")
    assert all(state["result"] is True for state in real.values()), real
    assert real["served"]["changes"]
    assert real["bandwidth"]["changes"]["limits"]["new"]["outside"] == {"downBytesPerSecond": 250_000}
    assert agent.until(served.name, lambda found: found["complete"])["mode"] == "seed"
    again = salt.apply("others")
    assert all((state["result"], state["changes"]) == (True, {}) for state in again.values()), again

    # An order that is another is a change; one that contradicts what is there is refused, and a machine without files cannot serve.
    salt.sls("more", MORE.format(name=served.name, torrent=served.torrent, path=agent.root, infohash=served.infohash))
    more = salt.apply("more")
    assert more["slower"]["changes"] == {"limits": {"upBytesPerSecond": 1_000_000}}
    assert more["elsewhere"]["result"] is False
    assert "Remove it first" in more["elsewhere"]["comment"]
    assert more["by default"]["changes"]["limits"]["new"]["source"] == "configuration"
    assert more["gone"]["changes"] == {served.name: {"old": served.infohash, "new": None}}
    assert agent.payloads() == {}
    assert (agent.root / served.name).exists()


OTHERS = """
served: {{brine.seeding: [name: {name}, torrent: {torrent}, path: {path}]}}
bandwidth: {{brine.limits: [wan_down: 2mbit]}}
gone: {{brine.absent: [name: something]}}
"""
MORE = """
slower: {{brine.seeding: [name: {name}, torrent: {torrent}, path: {path}, up: 8mbit]}}
elsewhere: {{brine.present: [name: {name}, infohash: '{infohash}', path: {path}/other]}}
by default: {{brine.limits: [reset: true]}}
gone: {{brine.absent: [name: {name}, order: last]}}
"""


def wait_until_gone(place):
    deadline = time.monotonic() + 20
    while place.exists():
        assert time.monotonic() < deadline, f"{place} is still there"
        time.sleep(0.05)
