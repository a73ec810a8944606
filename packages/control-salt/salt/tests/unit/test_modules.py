"""The execution module against an agent's API that a test controls."""

import base64
import inspect
import time

import pytest
from salt.exceptions import CommandExecutionError, SaltInvocationError
from support.fake_agent import INFOHASH, TOKEN, FakeAgent, payload, talking

from saltext.brine.modules import brine

OUTCOME = {"outcome": "created", "changes": [], "payload": payload()}
LIMITS = {"source": "order", "total": {"downBytesPerSecond": 1000}}
FUNCTIONS = [
    name
    for name, each in vars(brine).items()
    if inspect.isfunction(each) and not name.startswith("_") and each.__module__ == brine.__name__
]


@pytest.fixture
def options(tmp_path):
    return {"brine:state": str(tmp_path)}


@pytest.fixture
def configure_loader_modules(options):
    functions = {"config.get": lambda key, default=None: options.get(key, default)}
    return {brine: {"__salt__": functions, "__grains__": {"ipv4": ["127.0.0.1", "192.0.2.7"], "ipv6": ["::1", "2001:db8::7", "fe80::1"]}}}


@pytest.fixture
def agent(tmp_path):
    with FakeAgent(tmp_path).running() as running:
        running.answer("GET", "/v1/payloads", {"payloads": [payload()]})
        running.answer("GET", "/v1/payloads/maps", payload(files=[], pieces={}, connections=[{"address": "192.0.2.9:6881"}], trackers=[]))
        running.answer("GET", "/v1/engine", {"version": "1.2.3", "listening": ["0.0.0.0:6881"]})
        running.answer("GET", "/v1/site", {"label": "de/muc"})
        running.answer("GET", "/v1/limits", LIMITS)
        yield running


@pytest.mark.parametrize(
    ("call", "request_made", "answer", "returned"),
    [
        (lambda: brine.version(), ("GET", "/v1/engine", None), None, "1.2.3"),
        (lambda: brine.available(), ("GET", "/v1/engine", None), None, True),
        (lambda: brine.status(), ("GET", "/v1/payloads", None), None, {"maps": payload()}),
        (lambda: brine.status("maps"), ("GET", "/v1/payloads/maps", None), None, payload()),
        (lambda: brine.percent(), ("GET", "/v1/payloads", None), None, {"maps": 43.21}),
        (lambda: brine.percent("maps"), ("GET", "/v1/payloads/maps", None), None, 43.21),
        (
            lambda: brine.list_(),
            ("GET", "/v1/payloads", None),
            None,
            {"maps": {"infohash": INFOHASH, "phase": "downloading", "percent": 43.21}},
        ),
        (lambda: brine.peers("maps"), ("GET", "/v1/payloads/maps", None), None, [{"address": "192.0.2.9:6881"}]),
        (
            lambda: brine.add("maps", infohash=INFOHASH, path="/srv", peers="a:1, b:2", down="10mbit"),
            (
                "PUT",
                "/v1/payloads/maps",
                {"infohash": INFOHASH, "path": "/srv", "peers": ["a:1", "b:2"], "limits": {"downBytesPerSecond": "10mbit"}},
            ),
            OUTCOME,
            OUTCOME,
        ),
        (
            lambda: brine.add("maps", magnet="magnet:?xt=x", trackers=["udp://t"], paused=False, test=True),
            ("PUT", "/v1/payloads/maps?dry-run=true", {"magnet": "magnet:?xt=x", "trackers": ["udp://t"], "paused": False}),
            OUTCOME,
            OUTCOME,
        ),
        (
            lambda: brine.seed("maps", "/srv", infohash=INFOHASH, up=1000),
            ("PUT", "/v1/payloads/maps", {"infohash": INFOHASH, "path": "/srv", "mode": "seed", "limits": {"upBytesPerSecond": 1000}}),
            OUTCOME,
            OUTCOME,
        ),
        (lambda: brine.remove("maps"), ("DELETE", "/v1/payloads/maps", None), 204, True),
        (lambda: brine.remove("maps", keep_data=True), ("DELETE", "/v1/payloads/maps?data=keep", None), 204, True),
        (lambda: brine.pause("maps"), ("POST", "/v1/payloads/maps/pause", None), payload(), payload()),
        (lambda: brine.resume("maps"), ("POST", "/v1/payloads/maps/resume", None), payload(), payload()),
        (lambda: brine.verify("maps"), ("POST", "/v1/payloads/maps/verify", None), payload(), payload()),
        (
            lambda: brine.add_peers("maps", ["192.0.2.1:6881"]),
            ("POST", "/v1/payloads/maps/peers", {"peers": ["192.0.2.1:6881"]}),
            payload(),
            payload(),
        ),
        (lambda: brine.ack("maps"), ("PUT", "/v1/payloads/maps/acknowledgement", {"infohash": INFOHASH}), payload(), payload()),
        (lambda: brine.ack("maps", undo=True), ("DELETE", "/v1/payloads/maps/acknowledgement", None), payload(), payload()),
        (lambda: brine.limits(), ("GET", "/v1/limits", None), None, LIMITS),
        (
            lambda: brine.limits(up="1mbit", wan_down="unlimited"),
            (
                "PUT",
                "/v1/limits",
                {"total": {"downBytesPerSecond": 1000, "upBytesPerSecond": "1mbit"}, "outside": {"downBytesPerSecond": "unlimited"}},
            ),
            LIMITS,
            LIMITS,
        ),
        (lambda: brine.limits(reset=True), ("DELETE", "/v1/limits", None), LIMITS, LIMITS),
        (
            lambda: brine.endpoint(),
            ("GET", "/v1/site", None),
            None,
            {"addresses": ["192.0.2.7:6881"], "port": 6881, "site": "de/muc"},
        ),
        (lambda: brine.pause("a/../b c"), ("POST", "/v1/payloads/a%2F..%2Fb%20c/pause", None), payload(), payload()),
    ],
)
def test_a_function_is_a_call_to_the_agent(agent, call, request_made, answer, returned):
    method, path, _body = request_made
    if answer is not None:
        agent.answer(method, path, *((None, 204) if answer == 204 else (answer,)))
    assert call() == returned
    assert agent.calls[-1] == request_made
    assert agent.tokens == {f"Bearer {TOKEN}"}


def test_every_function_has_a_docstring_with_an_example():
    assert len(FUNCTIONS) == 16
    for name in FUNCTIONS:
        doc = getattr(brine, name).__doc__
        assert "CLI Example:" in doc, name
        assert f"brine.{name.rstrip('_')}" in doc, name


def test_a_torrent_file_is_read_here(agent, tmp_path):
    file = tmp_path / "maps.torrent"
    file.write_bytes(b"d4:infod4:name4:mapsee")
    agent.answer("PUT", "/v1/payloads/maps", OUTCOME)
    brine.add("maps", torrent=str(file))
    assert base64.b64decode(agent.calls[-1][2]["torrent"]) == file.read_bytes()
    with pytest.raises(SaltInvocationError, match="nothing.torrent cannot be read: No such file"):
        brine.add("maps", torrent=str(tmp_path / "nothing.torrent"))


def test_a_torrent_file_is_fetched_from_the_master(agent, tmp_path):
    file = tmp_path / "cached.torrent"
    file.write_bytes(b"de")
    agent.answer("PUT", "/v1/payloads/maps", OUTCOME)
    brine.__salt__["cp.cache_file"] = {"salt://maps.torrent": str(file)}.get
    brine.add("maps", torrent="salt://maps.torrent")
    assert base64.b64decode(agent.calls[-1][2]["torrent"]) == b"de"
    with pytest.raises(CommandExecutionError, match="salt://other.torrent is not on the master"):
        brine.add("maps", torrent="salt://other.torrent")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: brine.add("maps"), "give exactly one of infohash, magnet and torrent"),
        (lambda: brine.add("maps", infohash=INFOHASH, magnet="magnet:"), "give exactly one of"),
        (lambda: brine.add("maps", infohash=1234), "quote it"),
        (lambda: brine.add("maps", infohash=INFOHASH, peers={"a": 1}), "peers: give a list of texts"),
        (lambda: brine.add("", infohash=INFOHASH), "give the payload's name"),
        (lambda: brine.limits(down=1, reset=True), "give no limits with it"),
    ],
)
def test_a_bad_argument_is_refused_before_the_agent_is_asked(agent, call, message):
    with pytest.raises(SaltInvocationError, match=message):
        call()
    assert agent.calls == []


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "request-invalid", SaltInvocationError),
        (403, "path-refused", SaltInvocationError),
        (422, "limits-invalid", SaltInvocationError),
        (401, "token-wrong", CommandExecutionError),
        (404, "payload-unknown", CommandExecutionError),
        (409, "order-conflicts", CommandExecutionError),
        (503, "stopping", CommandExecutionError),
    ],
)
def test_problems_are_told_in_one_line_and_sorted_by_whose_they_are(agent, status, code, error):
    agent.problem("POST", "/v1/payloads/maps/pause", status, code, "What is wrong.\n  The way out.")
    with pytest.raises(error) as caught:
        brine.pause("maps")
    assert str(caught.value) == "What is wrong. The way out."


def test_the_percentage_of_what_has_failed_is_its_error(agent):
    failed = payload(phase="failed", error={"code": "destination-exists", "message": "maps is in the way", "wayOut": "Move it."})
    agent.answer("GET", "/v1/payloads/maps", failed)
    with pytest.raises(CommandExecutionError, match="^maps: maps is in the way$"):
        brine.percent("maps")


def test_where_the_agent_listens_on_one_address_or_is_told_others(agent, options):
    agent.answer("GET", "/v1/engine", {"version": "1", "listening": ["[2001:db8::1]:7000"]})
    agent.answer("GET", "/v1/site", {})
    assert brine.endpoint() == {"addresses": ["[2001:db8::1]:7000"], "port": 7000}
    agent.answer("GET", "/v1/engine", {"version": "1", "listening": ["[::]:6881"]})
    assert brine.endpoint()["addresses"] == ["192.0.2.7:6881", "[2001:db8::7]:6881"]
    options["brine:endpoint"] = ["198.51.100.1:6881"]
    assert brine.endpoint()["addresses"] == ["198.51.100.1:6881"]


class TestTheAgentIsFound:
    def test_by_what_is_configured_rather_than_by_agent_json(self, agent, options, tmp_path):
        token = tmp_path / "other-token"
        token.write_text("x" * 40)
        options.update({"brine:url": agent.url, "brine:token_file": str(token), "brine:state": "/nowhere"})
        assert brine.version() == "1.2.3"
        assert agent.tokens == {f"Bearer {'x' * 40}"}

    def test_at_a_unix_socket(self, agent, tmp_path, unix_relay):
        agent.announce(f"unix:{unix_relay(agent.url)}")
        assert brine.version() == "1.2.3"

    def test_where_windows_keeps_it(self, monkeypatch):
        monkeypatch.setattr(brine.os, "name", "nt")
        monkeypatch.setenv("ProgramData", "D:\\Data")
        monkeypatch.setattr(brine.os.path, "join", lambda *parts: "\\".join(parts))
        assert brine._default_state() == "D:\\Data\\Brine\\state"
        monkeypatch.delenv("ProgramData")
        assert brine._default_state() == "C:\\ProgramData\\Brine\\state"


class TestTroubleIsOneCleanLine:
    def check(self, message):
        with pytest.raises(CommandExecutionError, match=message) as caught:
            brine.version()
        assert "\n" not in str(caught.value)
        assert not brine.available()

    def test_no_agent(self):
        self.check(r"^No Brine agent runs here: .*agent\.json cannot be read \(No such file or directory\)\. Start the service")

    def test_an_agent_that_was_killed(self, tmp_path):
        FakeAgent(tmp_path).announce("http://127.0.0.1:1")
        self.check(r"^The Brine agent at http://127\.0\.0\.1:1 does not answer: .*refused\. Is its service running\?$")

    def test_no_token(self, agent, tmp_path):
        (tmp_path / "token").unlink()
        self.check(r"^The agent's token: .*token cannot be read")

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": 1}', "\x00\xff"])
    def test_a_damaged_agent_file(self, tmp_path, content):
        (tmp_path / "agent.json").write_text(content)
        self.check("agent.json is not what a Brine agent writes")

    @pytest.mark.parametrize("answer", [b"<html>", b"[]", b"\xff\xfe", b'"text"'])
    def test_somebody_else_answers(self, agent, answer):
        agent.answer("GET", "/v1/engine", answer)
        self.check("answers 200 and is no Brine agent. Check brine:url")

    def test_an_error_of_somebody_else(self, agent):
        agent.answer("GET", "/v1/engine", {"error": "no"}, 502)
        self.check("answers 502 and is no Brine agent")

    def test_no_http(self, tmp_path):
        with talking(b"220 mail.example ESMTP\r\n") as url:
            FakeAgent(tmp_path).announce(url)
            with pytest.raises(CommandExecutionError, match="does not answer: 220 mail.example"):
                brine.version()

    @pytest.mark.parametrize("url", ["http://192.0.2.1:7420", "http://agent.example"])
    def test_the_token_goes_to_other_machines_only_by_https(self, tmp_path, url):
        FakeAgent(tmp_path).announce(url)
        self.check("the token is sent to other machines only by https")

    def test_an_address_of_another_kind(self, tmp_path):
        FakeAgent(tmp_path).announce("ftp://127.0.0.1")
        self.check("must begin with http://, https:// or unix:")

    def test_an_answer_without_end(self, agent, monkeypatch):
        monkeypatch.setattr(brine, "ANSWER_BYTES_MAX", 100)
        agent.answer("GET", "/v1/engine", {"version": "x" * 200})
        self.check("more than 100 bytes")


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(b"", id="silence"),
        pytest.param(b"H", id="a status line drop by drop"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: y\r\n", id="headers without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{", id="a body that stalls"),
    ],
)
def test_everything_together_ends_in_time(tmp_path, monkeypatch, write):
    monkeypatch.setattr(brine, "TIMEOUT_SECONDS", 0.2)
    with talking(write, times=100) as url:
        FakeAgent(tmp_path).announce(url)
        started = time.monotonic()
        with pytest.raises(CommandExecutionError, match="does not answer") as caught:
            brine.version()
        assert time.monotonic() - started < 1.5
        assert "\n" not in str(caught.value)


def test_two_seconds_are_for_all_calls_of_a_function_together(agent, monkeypatch):
    deadlines = []
    connect = brine._Connection.connect
    monkeypatch.setattr(brine._Connection, "connect", lambda self: (deadlines.append(self._deadline), connect(self))[1])
    agent.answer("PUT", "/v1/limits", LIMITS)
    started = time.monotonic()
    brine.limits(down="1mbit")
    assert len(deadlines) == 2
    assert len(set(deadlines)) == 1
    assert started + 2 <= deadlines[0] <= time.monotonic() + 2
