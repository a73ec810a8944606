"""States where no real agent gets to easily; what it does is in the functional tests."""

import pytest
from salt.exceptions import CommandExecutionError
from support.fake_agent import INFOHASH, payload

from saltext.brine.states import brine

TROUBLE = {"code": "disk-full", "message": "the disk is full", "wayOut": "Free some space."}


@pytest.fixture
def functions():
    """What the execution module returns; each call is noted."""
    return Functions()


@pytest.fixture
def configure_loader_modules(functions):
    return {brine: {"__salt__": functions, "__opts__": {"test": False}, "__pillar__": {}}}


class Functions(dict):
    def __init__(self):
        super().__init__()
        self.calls = []

    def returns(self, name, *values):
        answers = list(values)

        def function(*arguments, **keywords):
            self.calls.append((name, *arguments))
            value = answers[0] if len(answers) == 1 else answers.pop(0)
            if isinstance(value, Exception):
                raise value
            return value

        self[f"brine.{name}"] = function


def outcome(kind="unchanged", changes=(), **more):
    return {"outcome": kind, "changes": list(changes), "payload": payload(**more)}


class TestPresent:
    def test_what_failed_is_false_and_says_the_way_out(self, functions):
        functions.returns("list", {})
        functions.returns("add", outcome(phase="failed", error=TROUBLE))
        state = brine.present("maps", infohash=INFOHASH)
        assert state["result"] is False
        assert state["comment"] == "maps: 43.21 %, disk-full: the disk is full. Free some space."

    def test_what_is_tried_again_by_itself_is_true_with_a_warning(self, functions):
        functions.returns("list", {})
        functions.returns("add", outcome(phase="waiting", error=TROUBLE))
        state = brine.present("maps", infohash=INFOHASH)
        assert state["result"] is True
        assert state["warnings"] == ["maps: the disk is full. Free some space."]

    def test_other_content_under_the_name_is_a_change_from_one_to_the_other(self, functions):
        functions.returns("list", {"maps": payload(infohash="cd" * 20)})
        functions.returns("add", outcome("changed", ["infohash", "peers"]))
        state = brine.present("maps", infohash=INFOHASH, peers=["192.0.2.1:1"])
        assert state["changes"] == {"infohash": {"old": "cd" * 20, "new": INFOHASH}, "peers": ["192.0.2.1:1"]}


class TestComplete:
    def test_other_content_than_wanted_is_not_it(self, functions):
        functions.returns("status", payload(complete=True))
        state = brine.complete("maps", infohash="cd" * 20)
        assert (state["result"], state["changes"]) == (False, {})
        assert state["comment"] == f"maps is {INFOHASH}, not {'cd' * 20}: order that first"

    def test_what_is_being_verified_is_not_complete_yet(self, functions):
        functions.returns("status", payload(complete=True, phase="checking", percent=100))
        assert brine.complete("maps")["result"] is False

    def test_it_waits_as_long_as_it_may(self, functions, monkeypatch):
        slept = []
        monkeypatch.setattr(brine.time, "sleep", slept.append)
        functions.returns("status", payload(), payload(), payload(complete=True, phase="seeding"))
        functions.returns("ack", payload())
        state = brine.complete("maps", timeout=60)
        assert state["result"] is True
        assert state["changes"] == {"maps": {"old": None, "new": INFOHASH}}
        assert slept == [1, 1]

    def test_it_does_not_wait_for_what_has_failed(self, functions):
        functions.returns("status", payload(phase="failed", error=TROUBLE))
        assert brine.complete("maps", timeout=60)["result"] is False
        assert functions.calls == [("status", "maps")]

    def test_a_change_that_cannot_be_noted_is_none(self, functions):
        functions.returns("status", payload(complete=True, phase="seeding"))
        functions.returns("ack", CommandExecutionError("other content meanwhile"))
        state = brine.complete("maps")
        assert (state["result"], state["changes"]) == (False, {})

    def test_an_installer_that_is_tried_until_it_succeeds(self, functions):
        functions.returns("status", payload(complete=True, phase="seeding"))
        assert all(brine.complete("maps", ack=False)["changes"] for _ in range(3))
        assert ("ack", "maps") not in functions.calls

    def test_a_timeout_that_is_no_number(self, functions):
        functions.returns("status", payload())
        assert brine.complete("maps", timeout="soon")["comment"] == "timeout: 'soon' is no number of seconds"


class TestOnly:
    @pytest.mark.parametrize("payloads", [None, [], {}, "", "maps", 5, [None], [["maps"]], [""], [True]])
    def test_removes_nothing_for_a_list_that_cannot_be_meant(self, functions, payloads):
        functions.returns("list", {"maps": payload()})
        state = brine.only("these", payloads=payloads)
        assert state["result"] is False
        assert state["comment"].startswith("nothing is removed: ")
        assert functions.calls == []

    @pytest.mark.parametrize("payloads", [["maps"], {"maps": {}}, []])
    def test_removes_nothing_when_the_pillar_failed(self, functions, payloads):
        functions.returns("list", {"other": payload("other")})
        brine.__pillar__["_errors"] = ["Failed to load ext_pillar brine"]
        state = brine.only("these", payloads=payloads, allow_empty=True)
        assert state["result"] is False
        assert "the pillar could not be rendered" in state["comment"]
        assert functions.calls == []

    def test_goes_on_when_one_cannot_be_removed_and_says_so(self, functions):
        functions.returns("list", {name: payload(name) for name in ("a", "b", "maps")})
        functions.returns("remove", CommandExecutionError("busy"), True)
        state = brine.only("these", payloads={"maps": {"infohash": INFOHASH}})
        assert state["result"] is False
        assert state["comment"] == "a: busy"
        assert list(state["changes"]) == ["b"]
        assert functions.calls[1:] == [("remove", "a"), ("remove", "b")]


class TestWatch:
    def test_present_is_verified(self, functions):
        functions.returns("verify", payload())
        state = brine.mod_watch("maps", sfun="present", infohash=INFOHASH)
        assert (state["result"], state["changes"]) == (True, {"maps": "is being verified"})

    def test_nothing_is_verified_in_a_test(self, functions):
        brine.__opts__["test"] = True
        assert brine.mod_watch("maps", sfun="present")["result"] is None
        assert functions.calls == []

    def test_complete_is_false_until_it_is_verified(self, functions):
        functions.returns("verify", payload())
        functions.returns("status", payload(complete=False, phase="checking"))
        state = brine.mod_watch("maps", sfun="complete")
        assert (state["result"], state["changes"]) == (False, {})

    def test_absent_has_nothing_to_watch(self):
        assert brine.mod_watch("maps", sfun="absent")["result"] is False


def test_limits_need_something_to_set(functions):
    assert brine.limits("bandwidth")["result"] is False
    assert functions.calls == []
