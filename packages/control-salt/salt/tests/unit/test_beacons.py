"""The beacon over made-up time."""

import pytest
from salt.exceptions import CommandExecutionError
from support.fake_agent import INFOHASH, payload

from saltext.brine.beacons import brine

ERROR = {"code": "disk-full", "message": "the disk is full", "wayOut": "Free some space."}


class World:
    """What the agent says, and what time it is; chance always chooses the least."""

    def __init__(self):
        self.now = 1000.0
        self.payloads = {}
        self.looks = 0
        self.down = None

    def status(self):
        self.looks += 1
        if self.down is not None:
            raise CommandExecutionError(self.down)
        return {each["name"]: each for each in self.payloads.values()}

    def show(self, name="maps", **status):
        self.payloads[name] = payload(name, **status)

    def look(self, seconds=15.0, config=()):
        self.now += seconds
        return [(event.pop("tag"), event) for event in brine.beacon(list(config))]


@pytest.fixture
def world(monkeypatch):
    world = World()
    monkeypatch.setattr(brine, "_memory", brine._Memory())
    monkeypatch.setattr(brine.time, "monotonic", lambda: world.now)
    monkeypatch.setattr(brine.random, "uniform", lambda least, _most: least)
    monkeypatch.setattr(brine, "__salt__", {"brine.status": world.status}, raising=False)
    return world


@pytest.fixture
def configure_loader_modules():
    return {}


def kinds(events):
    return [(kind, event.get("percent")) for kind, event in events]


def test_it_tells_steps_completion_and_errors_once(world):
    world.show(percent=0.0)
    assert kinds(world.look()) == [("agent", None), ("progress", 0.0)]
    world.show(percent=4.9)
    assert world.look() == []
    # Small steps add up.
    world.show(percent=5.1)
    assert kinds(world.look()) == [("progress", 5.1)]
    world.show(percent=6, error=ERROR, phase="waiting")
    ((kind, event),) = world.look()
    assert kind == "error"
    assert event == {
        "name": "maps",
        "infohash": INFOHASH,
        "percent": 6,
        "phase": "waiting",
        "bytesDone": 4321,
        "bytesTotal": 10_000,
        "error": ERROR,
    }
    assert world.look() == []
    world.show(percent=7)
    assert kinds(world.look()) == [("progress", 7)]
    world.show(percent=100, complete=True, phase="seeding")
    assert kinds(world.look()) == [("complete", 100)]
    assert world.look() == []
    world.show(percent=90)
    assert kinds(world.look()) == [("progress", 90)]
    world.show(percent=1, infohash="cd" * 20)
    assert kinds(world.look()) == [("progress", 1)]
    world.payloads.clear()
    assert world.look() == []


def test_it_tells_when_the_agent_goes_and_comes(world):
    world.down = "No Brine agent runs here"
    assert world.look() == [("agent", {"available": False, "error": "No Brine agent runs here"})]
    assert world.look() == []
    world.down = None
    assert world.look() == [("agent", {"available": True})]


def test_it_looks_no_more_often_than_it_may_whatever_is_configured(world):
    for _ in range(60):
        world.look(1, [{"seconds": 1}, {"step": 1}])
    assert world.looks == 4
    world.show(percent=0)
    world.look(15)
    world.show(percent=4)
    assert world.look(15, [{"step": 1}]) == []


def test_looks_are_spread(world, monkeypatch):
    monkeypatch.setattr(brine.random, "uniform", lambda _least, most: most)
    assert world.look(0, [{"seconds": 40}]) == []
    assert world.look(39, [{"seconds": 40}]) == []
    assert world.look(1, [{"seconds": 40}]) != []
    world.look(49, [{"seconds": 40}])
    assert world.looks == 1
    world.look(1, [{"seconds": 40}])
    assert world.looks == 2


@pytest.mark.parametrize(
    ("config", "fits"),
    [
        ([], True),
        ([{"interval": 5}, {"seconds": 15}, {"step": 5.5}], True),
        ({"seconds": 15}, False),
        ([5], False),
        ([{"seconds": 14}], False),
        ([{"step": "5"}], False),
        ([{"step": True}], False),
    ],
)
def test_configurations(config, fits):
    assert brine.validate(config)[0] is fits
