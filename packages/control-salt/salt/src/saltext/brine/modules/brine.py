"""
Orders payloads of the Brine agent on this machine, and tells how they fare.

The agent does the work; every function here is one or two calls to its API and returns within two seconds, whatever the
agent does. A bad argument raises ``SaltInvocationError``, trouble with the agent ``CommandExecutionError``, both with one
line that says what is wrong and the way out.

The agent is found through the ``agent.json`` in its state directory. The minion's configuration (or pillar) may say
otherwise:

.. code-block:: yaml

    brine:
      state: /var/lib/brine              # where agent.json is
      url: http://127.0.0.1:7420         # instead of what agent.json says; https and unix:/path work too
      token_file: /var/lib/brine/token   # likewise
      ca_file: /etc/brine/ca.pem         # who vouches for an https agent
      endpoint: [192.0.2.7:6881]         # how peers reach this machine, if it is behind a port forwarding
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import socket
import ssl
import time
import urllib.parse

from salt.exceptions import CommandExecutionError, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    __salt__: dict[str, Callable[..., Any]]
    __grains__: dict[str, Any]

__virtualname__ = "brine"
__func_alias__ = {"list_": "list"}

# For all calls of one function together.
TIMEOUT_SECONDS = 2.0
# Ten thousand payloads tell less.
ANSWER_BYTES_MAX = 32 * 1024 * 1024
# What the agent takes.
TORRENT_BYTES_MAX = 12 * 1024 * 1024
# Problem codes of the API that are the caller's own fault.
ARGUMENT_PROBLEMS = frozenset(
    {
        "request-invalid",
        "order-invalid",
        "torrent-invalid",
        "limits-invalid",
        "path-refused",
        "body-too-large",
    }
)


def __virtual__():
    return __virtualname__


def version() -> str:
    """
    The version of the agent that runs here.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.version
    """
    return _Agent().call("GET", "/v1/engine")["version"]


def available() -> bool:
    """
    Whether an agent runs here and answers. Never raises.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.available
    """
    try:
        _Agent().call("GET", "/v1/engine")
    except (CommandExecutionError, SaltInvocationError):
        return False
    return True


def status(name: str | None = None) -> dict:
    """
    How a payload fares, or all of them by name: ``phase``, ``percent`` (100 means verified, on disk, under its final name),
    ``complete``, ``bytesDone``, ``bytesTotal``, rates, ``traffic`` by class of peers, ``etaSeconds``, ``error``.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.status
        salt '*' brine.status maps
    """
    if name is not None:
        return _brief(_Agent().call("GET", _payload(name)))
    return {each["name"]: each for each in _Agent().call("GET", "/v1/payloads")["payloads"]}


def percent(name: str | None = None) -> float | dict[str, float]:
    """
    The percentage of a payload, or of all by name. For a payload that has failed, the error is raised instead.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.percent maps
    """
    if name is None:
        return {each: payload["percent"] for each, payload in status().items()}
    payload = status(name)
    if payload["phase"] == "failed":
        raise CommandExecutionError(_line(f"{name}: {payload['error']['message']}"))
    return payload["percent"]


def list_() -> dict[str, dict]:
    """
    The payloads that are ordered here: name, info-hash, phase and percentage.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.list
    """
    keys = ("infohash", "phase", "percent")
    return {name: {key: payload[key] for key in keys} for name, payload in status().items()}


def add(
    name: str,
    infohash: str | None = None,
    magnet: str | None = None,
    torrent: str | None = None,
    path: str | None = None,
    mode: str | None = None,
    peers: list[str] | str | None = None,
    trackers: list[str] | str | None = None,
    down: str | float | None = None,
    up: str | float | None = None,
    paused: bool | None = None,
    test: bool = False,
) -> dict:
    """
    Order a payload: have it here. The same order again changes nothing; other content under the same name replaces what
    was there. Returns ``outcome`` (``created``, ``changed`` or ``unchanged``), ``changes`` (which parts of the order) and the
    ``payload``'s status.

    name
        Letters, digits, dots, dashes and underscores.

    infohash
        40 hex digits. Quote it, in YAML and on the command line.

    magnet
        A magnet link instead.

    torrent
        A torrent file instead: an absolute path on this machine, or ``salt://…``, which is fetched from the master (and is then
        not bound to two seconds).

    path
        The directory in which the payload's file or folder shall stand. Default: the agent's first root.

    mode
        ``download`` (default), ``adopt``: complete what stands there, ``seed``: serve what stands there and never write.

    peers
        Machines to begin with, ``host:port``; a list, or separated by commas.

    trackers
        Announce addresses besides the torrent's own.

    down, up
        Rates of this payload alone: ``10mbit``, ``500KiB``, ``unlimited``, bytes per second, or a schedule like
        ``mon-fri 08:00-18:00 2mbit; 20mbit``.

    paused
        Take it off the network. Default: as it was.

    test
        Only say what the order would lead to.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.add maps infohash='"6a9759bffd5c0af65319979fb7832189f4f3c35d"' path=/srv peers=192.0.2.1:6881
    """
    content = {"infohash": _infohash(infohash), "magnet": magnet, "torrent": _torrent(torrent)}
    if sum(value is not None for value in content.values()) != 1:
        raise SaltInvocationError(f"{name}: give exactly one of infohash, magnet and torrent")
    order = _given(
        **content,
        path=path,
        mode=mode,
        peers=_list(peers, "peers"),
        trackers=_list(trackers, "trackers"),
        limits=_given(downBytesPerSecond=down, upBytesPerSecond=up) or None,
        paused=paused,
    )
    return _Agent().call("PUT", _payload(name) + _dry_run(test), order)


def remove(name: str, keep_data: bool = False) -> bool:
    """
    Forget a payload and delete what the agent created for it, and nothing else.

    keep_data
        Leave what is complete where it is.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.remove maps
        salt '*' brine.remove maps keep_data=True
    """
    _Agent().call("DELETE", _payload(name) + ("?data=keep" if keep_data else ""))
    return True


def pause(name: str) -> dict:
    """
    Take a payload off the network.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.pause maps
    """
    return _Agent().call("POST", _payload(name) + "/pause")


def resume(name: str) -> dict:
    """
    Let a payload go on: one that was paused, or has failed and shall be tried again.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.resume maps
    """
    return _Agent().call("POST", _payload(name) + "/resume")


def verify(name: str) -> dict:
    """
    Begin to hash everything on disk again; what is damaged is fetched again. Returns at once.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.verify maps
    """
    return _Agent().call("POST", _payload(name) + "/verify")


def add_peers(name: str, peers: list[str] | str) -> dict:
    """
    Tell a payload of machines that have it or are getting it. They are tried at once and are no part of the order.

    peers
        ``host:port``; a list, or separated by commas.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.add_peers maps 192.0.2.7:6881,192.0.2.8:6881
    """
    return _Agent().call("POST", _payload(name) + "/peers", {"peers": _list(peers, "peers")})


def peers(name: str) -> list[dict]:
    """
    The machines that a payload is connected to: address, client, class (``site``, ``near``, ``wan``), percentage, rates.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.peers maps
    """
    return _Agent().call("GET", _payload(name))["connections"]


def seed(
    name: str,
    path: str,
    infohash: str | None = None,
    magnet: str | None = None,
    torrent: str | None = None,
    trackers: list[str] | str | None = None,
    up: str | float | None = None,
) -> dict:
    """
    Serve a payload that stands here already; nothing is ever written to it. Arguments as for ``brine.add``; ``path`` is the
    directory in which the payload's file or folder stands.

    CLI Example:

    .. code-block:: bash

        salt 'store' brine.seed maps path=/srv torrent=/srv/maps.torrent
    """
    return add(
        name,
        infohash=infohash,
        magnet=magnet,
        torrent=torrent,
        path=path,
        mode="seed",
        trackers=trackers,
        up=up,
    )


def limits(
    down: str | float | None = None,
    up: str | float | None = None,
    wan_down: str | float | None = None,
    wan_up: str | float | None = None,
    reset: bool = False,
    test: bool = False,
) -> dict:
    """
    The limits over all payloads; changes those that are named. They are in force at once and kept.

    down, up
        Everything: ``10mbit``, ``500KiB``, ``unlimited``, bytes per second, or a schedule like
        ``mon-fri 08:00-18:00 2mbit; 20mbit``.

    wan_down, wan_up
        What enters and leaves the site.

    reset
        First go back to the agent's configuration.

    test
        Only say how they would be.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.limits
        salt '*' brine.limits wan_down='mon-fri 08:00-18:00 2mbit; 20mbit'
        salt '*' brine.limits reset=True
    """
    agent = _Agent()
    total = _given(downBytesPerSecond=down, upBytesPerSecond=up)
    outside = _given(downBytesPerSecond=wan_down, upBytesPerSecond=wan_up)
    if reset and (total or outside):
        raise SaltInvocationError("reset goes back to the configuration; give no limits with it")
    if reset and not test:
        return agent.call("DELETE", "/v1/limits")
    before = agent.call("GET", "/v1/limits")
    if not total and not outside:
        return before
    order = {scope: rates for scope, rates in before.items() if scope != "source"}
    order["total"] = {**order.get("total", {}), **total}
    order["outside"] = {**order.get("outside", {}), **outside}
    return agent.call("PUT", "/v1/limits" + _dry_run(test), order)


def endpoint() -> dict:
    """
    How peers reach this machine: ``addresses`` (``host:port``), ``port`` and, if known, ``site``. For other machines' ``peers``.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.endpoint
    """
    agent = _Agent()
    listening = [_split_address(each) for each in agent.call("GET", "/v1/engine")["listening"]]
    told = _list(_option("endpoint"), "brine:endpoint")
    return _given(
        addresses=told or sorted({each for host, port in listening for each in _reachable(host, port)}),
        port=listening[0][1] if listening else None,
        site=agent.call("GET", "/v1/site").get("label"),
    )


def ack(name: str, infohash: str | None = None, undo: bool = False) -> dict:
    """
    Take note that a payload is complete, so that the state ``brine.complete`` reports it as a change only once. The agent keeps
    that until other content is ordered under this name.

    infohash
        Refuse if it is other content by now.

    undo
        Forget it again: ``brine.complete`` reports a change once more, and an installer runs once more.

    CLI Example:

    .. code-block:: bash

        salt '*' brine.ack maps
        salt '*' brine.ack maps undo=True
    """
    agent = _Agent()
    place = _payload(name) + "/acknowledgement"
    if undo:
        return agent.call("DELETE", place)
    wanted = _infohash(infohash) or agent.call("GET", _payload(name))["infohash"]
    return agent.call("PUT", place, {"infohash": wanted})


class _Agent:
    """The agent of this machine; all calls of one object share one deadline."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        url, token_file = _option("url"), _option("token_file")
        if url is None or token_file is None:
            found = _agent_file()
            url, token_file = url or found["url"], token_file or found["tokenFile"]
        self._url = str(url)
        self._token = _read(token_file, "The agent's token").strip()

    def call(self, method: str, path: str, body: dict | None = None) -> Any:
        """Returns what the API answers. Raises what this module raises."""
        try:
            status_code, text = self._exchange(method, path, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = f"no answer within {TIMEOUT_SECONDS:g} s" if _is_timeout(error) else error
            raise CommandExecutionError(
                _line(f"The Brine agent at {self._url} does not answer: {reason}. Is its service running?")
            ) from None
        if status_code == 204:
            return None
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or (status_code >= 400 and "detail" not in answer):
            raise CommandExecutionError(_line(f"{self._url} answers {status_code} and is no Brine agent. Check brine:url."))
        if status_code < 400:
            return answer
        if answer.get("code") in ARGUMENT_PROBLEMS:
            raise SaltInvocationError(_line(answer["detail"]))
        raise CommandExecutionError(_line(answer["detail"]))

    def _exchange(self, method: str, path: str, body: dict | None) -> tuple[int, bytes]:
        connection = _Connection(self._url, self._deadline)
        headers = {"Authorization": f"Bearer {self._token}", "Connection": "close"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body=data, headers=headers)
            with contextlib.closing(connection.getresponse()) as response:
                text = response.read(ANSWER_BYTES_MAX + 1)
        finally:
            connection.close()
        if len(text) > ANSWER_BYTES_MAX:
            raise ValueError(f"its answer has more than {ANSWER_BYTES_MAX} bytes")
        return response.status, text


class _Connection(http.client.HTTPConnection):
    """HTTP to a URL of the agent's, where everything together ends at a deadline."""

    def __init__(self, url: str, deadline: float) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https", "unix"):
            raise ValueError("its address must begin with http://, https:// or unix:")
        if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
            raise ValueError("the token is sent to other machines only by https")
        super().__init__(parts.hostname or "localhost", parts.port or (443 if parts.scheme == "https" else 80))
        self._parts = parts
        self._deadline = deadline

    def connect(self) -> None:
        if self._parts.scheme == "unix":
            plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            plain.settimeout(_left(self._deadline))
            plain.connect(self._parts.path)
        else:
            plain = socket.create_connection((self.host, self.port), timeout=_left(self._deadline))
        if self._parts.scheme == "https":
            context = ssl.create_default_context(cafile=_option("ca_file"))
            plain.settimeout(_left(self._deadline))
            plain = context.wrap_socket(plain, server_hostname=self.host)
        self.sock = _DeadlineSocket(plain, self._deadline)


class _DeadlineSocket:
    """As much of a socket as ``http.client`` needs. A timeout alone would begin anew with every byte."""

    def __init__(self, plain: socket.socket, deadline: float) -> None:
        self._plain = plain
        self._deadline = deadline
        self._is_read = False

    def sendall(self, data: bytes) -> None:
        self._plain.settimeout(_left(self._deadline))
        self._plain.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        self._is_read = True
        return io.BufferedReader(_DeadlineReader(self._plain, self._deadline))

    def close(self) -> None:
        # As with any socket, who still reads from it may finish.
        if not self._is_read:
            self._plain.close()


class _DeadlineReader(io.RawIOBase):
    def __init__(self, plain: socket.socket, deadline: float) -> None:
        super().__init__()
        self._plain = plain
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._plain.settimeout(_left(self._deadline))
        return self._plain.recv_into(buffer)

    def close(self) -> None:
        self._plain.close()
        super().close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise socket.timeout("timed out")
    return left


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, socket.timeout)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _option(name: str) -> Any:
    """``brine:<name>`` of the minion's configuration or pillar; None if it is not there, or empty."""
    return __salt__["config.get"](f"brine:{name}", None) or None


def _agent_file() -> dict:
    file = os.path.join(_option("state") or _default_state(), "agent.json")
    text = _read(file, "No Brine agent runs here")
    try:
        found = json.loads(text)
        return {"url": found["url"], "tokenFile": found["tokenFile"]}
    except (ValueError, KeyError, TypeError):
        raise CommandExecutionError(f"{file} is not what a Brine agent writes; restart the agent.") from None


def _default_state() -> str:
    """As the agent itself chooses it."""
    if os.name == "nt":
        return os.path.join(os.environ.get("ProgramData", "C:\\ProgramData"), "Brine", "state")
    if os.geteuid() == 0:
        return "/var/lib/brine"
    home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(home, "brine")


def _read(file: str, what: str) -> str:
    try:
        with open(file, encoding="utf-8") as stream:
            return stream.read(65_536)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandExecutionError(
            _line(f"{what}: {file} cannot be read ({reason}). Start the service, or set brine:url and brine:token_file.")
        ) from None


def _payload(name: str) -> str:
    if not isinstance(name, (str, int)) or str(name) == "":
        raise SaltInvocationError("give the payload's name")
    return "/v1/payloads/" + urllib.parse.quote(str(name), safe="")


def _infohash(value: Any) -> str | None:
    """YAML makes numbers of some info-hashes, and loses digits."""
    if value is None or isinstance(value, str):
        return value
    raise SaltInvocationError(f"infohash: {value!r} is no text; quote it")


def _torrent(source: str | None) -> str | None:
    """Base64 of a torrent file."""
    if source is None:
        return None
    file = source
    if source.startswith("salt://"):
        file = __salt__["cp.cache_file"](source)
        if not file:
            raise CommandExecutionError(f"{source} is not on the master")
    try:
        with open(file, "rb") as stream:
            data = stream.read(TORRENT_BYTES_MAX + 1)
    except OSError as error:
        raise SaltInvocationError(_line(f"torrent: {file} cannot be read: {error.strerror}")) from None
    if len(data) > TORRENT_BYTES_MAX:
        raise SaltInvocationError(f"torrent: {file} has more than {TORRENT_BYTES_MAX} bytes; order by infohash")
    return base64.b64encode(data).decode()


def _list(value: Any, what: str) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return list(value)
    raise SaltInvocationError(f"{what}: give a list of texts, or one with commas, not {value!r}")


def _given(**values: Any) -> dict:
    return {key: value for key, value in values.items() if value is not None}


def _dry_run(test: bool) -> str:
    return "?dry-run=true" if test else ""


def _brief(payload: dict) -> dict:
    """Without what fills screens."""
    return {key: payload[key] for key in payload if key not in ("files", "pieces", "connections", "trackers")}


def _split_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _reachable(host: str, port: int) -> list[str]:
    """An agent that listens everywhere is reached at every address of the machine that others can use."""
    if host not in ("0.0.0.0", "::"):
        return [_join_address(host, port)]
    ipv4 = [each for each in __grains__.get("ipv4", []) if not each.startswith(("127.", "169.254."))]
    ipv6 = [each for each in __grains__.get("ipv6", []) if not each.startswith(("::1", "fe80:"))]
    return [_join_address(each, port) for each in (ipv4 if host == "0.0.0.0" else ipv4 + ipv6)]


def _join_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _line(text: Any) -> str:
    return " ".join(str(text).split())
