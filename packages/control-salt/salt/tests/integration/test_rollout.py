"""A rollout by pillar: a real master, real minions, an agent beside each. BRINE_SALT_MIB makes the payloads larger."""

import os
from pathlib import Path

import pytest
from support.fleet import Events, Fleet
from support.real_agent import PIECE_BYTES, Payload, read_files

STATES = Path(__file__).resolve().parents[2] / "examples" / "states"
PIECES = int(os.environ.get("BRINE_SALT_MIB", "2")) * 1024 * 1024 // PIECE_BYTES
# Of which `state.apply` alone takes six.
REQUESTS_MAX = 8


@pytest.fixture(scope="module")
def fleet(file_roots):
    fleet = Fleet([file_roots, STATES], ["seed", "store-1", "store-2", "store-3", "store-4"])
    yield fleet
    fleet.stop()


@pytest.fixture(scope="module")
def stores(fleet):
    return [minion for minion in fleet.minions if minion.name != "seed"]


def test_sync_all_brings_the_extension_to_minions_that_know_nothing(fleet):
    names = [minion.name for minion in fleet.minions]
    synced = fleet.call(names, "saltutil.sync_all")
    assert set(synced) == set(names)
    for kinds in synced.values():
        assert all(kinds[kind] == [f"{kind}.brine"] for kind in ("beacons", "grains", "modules", "states")), kinds
    assert fleet.call(names, "brine.available") == dict.fromkeys(names, True)
    inventory = fleet.run("brine.inventory")
    assert set(inventory) == set(names)
    assert {(each["link"], each["version"], each["connected"]) for each in inventory.values()} == {("10mbit", "0.1.0", True)}


def test_a_rollout_is_one_declaration_and_costs_the_master_little(fleet, stores):
    names = [minion.name for minion in stores]
    (seed,) = [minion for minion in fleet.minions if minion.name == "seed"]
    payloads = [
        Payload(seed.agent.root, "image", pieces=PIECES),
        Payload(seed.agent.root, "maps", pieces=PIECES, folder=True),
    ]
    for each in payloads:
        seeded = fleet.call(["seed"], "brine.seed", each.name, str(seed.agent.root), None, None, str(each.torrent))["seed"]
        assert seeded["outcome"] == "created", seeded
        seed.agent.until(each.name, lambda found: found["complete"], 120)
        put = fleet.run("brine.rollout_put", each.name, f'"{each.infohash}"', ",".join(names), f"peers={seed.agent.peer}")
        assert put["minions"] == len(names)

    before = fleet.requests()
    with Events(fleet) as events:
        applied = fleet.call(names, "state.apply", "brine.payloads")
        for name in names:
            states = applied[name]
            assert isinstance(states, dict), states
            assert [state["result"] for state in states.values()] == [True, True, True]
        for minion in stores:
            for each in payloads:
                minion.agent.until(each.name, lambda found: found["complete"], 300)
        # The beacon tells it without being asked.
        for name in names:
            for each in payloads:
                told = events.until(
                    lambda tag, data, name=name, each=each: tag == f"salt/beacon/{name}/brine/complete" and data.get("name") == each.name
                )
                assert told["infohash"] == each.infohash
    asked = fleet.requests() - before
    beacons = asked.pop("_minion_event", 0)
    asked.pop("publish", None)
    print(f"requests per minion: {sum(asked.values()) / len(names):.1f} ({dict(asked)}), with beacons {beacons / len(names):.1f} more")
    assert sum(asked.values()) <= REQUESTS_MAX * len(names), asked

    for minion in stores:
        for each in payloads:
            assert read_files(minion.agent.root / each.name) == each.files()
        print(f"{minion.name}: {minion.cached_bytes} bytes through the master's file server")
        assert minion.cached_bytes < 1_000_000

    report = fleet.run("brine.status", "maps")
    assert report["counts"] == {"complete": len(names), "fetching": 0, "trouble": 0, "absent": 0}


def test_what_the_pillar_does_not_say_any_more_is_removed_and_a_broken_pillar_removes_nothing(fleet, stores):
    names = [minion.name for minion in stores]
    minion = stores[0]
    file = fleet.directory / "rollouts" / "minions" / f"{minion.name}.json"
    good = file.read_text()
    file.write_text(good[:30])
    assert fleet.call([minion.name], "saltutil.refresh_pillar") == {minion.name: True}
    failed = fleet.call([minion.name], "state.apply", "brine.payloads")[minion.name]
    assert "Pillar failed to render" in str(failed)
    assert sorted(minion.agent.payloads()) == ["image", "maps"]

    file.write_text(good)
    assert fleet.run("brine.rollout_remove", "image")["removed"] == names
    applied = fleet.call([minion.name], "state.apply", "brine.payloads")[minion.name]
    (only,) = [state for state in applied.values() if state["__id__"] == "no other payloads"]
    assert list(only["changes"]) == ["image"]
    assert list(minion.agent.payloads()) == ["maps"]

    # The last one goes too: that there is nothing is said, and not missing.
    fleet.run("brine.rollout_remove", "maps")
    applied = fleet.call([minion.name], "state.apply", "brine.payloads")[minion.name]
    assert [state["result"] for state in applied.values()] == [True]
    assert minion.agent.payloads() == {}
