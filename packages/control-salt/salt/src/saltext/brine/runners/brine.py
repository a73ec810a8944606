"""
Rollouts by hand, on the master: which minions shall have which payloads, kept as files for the external pillar ``brine``.

.. code-block:: yaml

    # the master's configuration
    brine:
      root: /srv/brine    # this is the default
    ext_pillar:
      - brine: {}

``<root>/rollouts/<payload>.json`` is what was put; ``<root>/minions/<minion>.json`` follows from all rollouts together. Files are
replaced by rename, under a lock, so minions never see half of one. Only what is constant goes into a rollout: what the content is,
where it shall stand, trackers, at most eight first peers. Peers find each other from there.

Minions learn of it when their pillar is compiled next and a state applies it:
``salt -L store-7,store-8 state.apply brine.payloads``.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import re
import tempfile

import salt.client
import salt.utils.minions
import salt.utils.verify
from salt.exceptions import CommandExecutionError, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    __salt__: dict[str, Callable[..., Any]]
    __opts__: dict[str, Any]

__virtualname__ = "brine"

DEFAULT_ROOT = "/srv/brine"
# Everybody gets these; all others are found through them, so that a pillar does not grow with the fleet.
PEERS_MAX = 8
# Minions that are asked at once.
ASKED_MAX = 100
PAYLOAD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
INFOHASH = re.compile(r"[0-9A-Fa-f]{40}")


def __virtual__():
    return __virtualname__


def inventory(tgt: str = "*", tgt_type: str = "glob") -> dict[str, dict]:
    """
    The minions that Brine runs on: site, link, version of the agent, operating system, and whether they are connected. From what the
    master knows; no minion is asked.

    CLI Example:

    .. code-block:: bash

        salt-run brine.inventory
        salt-run brine.inventory 'G@brine:site:de/muc' compound
    """
    connected = _connected()
    found = {}
    for minion, grains in __salt__["cache.grains"](tgt=tgt, tgt_type=tgt_type).items():
        brine = grains.get("brine") if isinstance(grains, dict) else None
        if isinstance(brine, dict):
            found[minion] = {
                **{key: brine.get(key) for key in ("site", "link", "version")},
                "os": grains.get("os"),
                "connected": minion in connected,
            }
    return found


def rollout_put(
    name: str,
    infohash: str,
    tgt: str | list[str],
    tgt_type: str = "list",
    path: str | None = None,
    trackers: list[str] | str | None = None,
    peers: list[str] | str | None = None,
    down: str | None = None,
    up: str | None = None,
) -> dict:
    """
    These minions, and no others, shall have this payload. Putting it again replaces what was put before.

    name
        Of the payload: letters, digits, dots, dashes and underscores.

    infohash
        40 hex digits. Quote it.

    tgt, tgt_type
        The minions. By default a list, or separated by commas, of minions that may be new; any other kind of target is resolved now, from
        what the master knows.

    path
        The directory on the minions. Default: the first root of each agent.

    trackers
        Announce addresses.

    peers
        At most eight machines to begin with, ``host:port``.

    down, up
        Limits of this payload on each minion.

    CLI Example:

    .. code-block:: bash

        salt-run brine.rollout_put maps '"6a9759bffd5c0af65319979fb7832189f4f3c35d"' store-7,store-8 peers=192.0.2.1:6881
        salt-run brine.rollout_put maps '"6a9759bffd5c0af65319979fb7832189f4f3c35d"' 'G@brine:site:de/muc' compound
    """
    order = {
        "infohash": _checked(infohash, INFOHASH, "infohash: give 40 hex digits, quoted").lower(),
        "path": path,
        "trackers": _list(trackers, "trackers"),
        "peers": _list(peers, "peers"),
        "down": down,
        "up": up,
    }
    if len(order["peers"] or ()) > PEERS_MAX:
        raise SaltInvocationError(f"peers: give at most {PEERS_MAX}; machines find all others through them")
    rollout = {
        "name": _payload_name(name),
        "payload": {key: value for key, value in order.items() if value is not None},
        "minions": _targeted(tgt, tgt_type),
    }
    if not rollout["minions"]:
        raise SaltInvocationError(f"{tgt!r} ({tgt_type}) matches no minion; to end a rollout use brine.rollout_remove")
    with _lock():
        before = _read_rollouts()
        same = {key: before.get(name, {}).get(key) for key in rollout} == rollout
        if not same:
            rollout["putAt"] = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
            _write(_rollout_file(name), rollout)
        return {"changed": not same, **_publish(before, {**before, name: rollout}, name)}


def rollout_remove(name: str) -> dict:
    """
    No minion shall have this payload any more. Minions delete it when they apply ``brine.only`` with their new pillar.

    CLI Example:

    .. code-block:: bash

        salt-run brine.rollout_remove maps
    """
    with _lock():
        before = _read_rollouts()
        if _payload_name(name) not in before:
            return {"changed": False, "minions": 0, "added": [], "removed": []}
        os.unlink(_rollout_file(name))
        after = {each: rollout for each, rollout in before.items() if each != name}
        return {"changed": True, **_publish(before, after, name)}


def rollout_get(name: str) -> dict:
    """
    A rollout as it was put: ``payload``, ``minions``, ``putAt``.

    CLI Example:

    .. code-block:: bash

        salt-run brine.rollout_get maps
    """
    found = _read_rollouts().get(_payload_name(name))
    if found is None:
        raise CommandExecutionError(f'there is no rollout "{name}"; see brine.rollout_list')
    return found


def rollout_list() -> dict[str, dict]:
    """
    All rollouts: info-hash, number of minions, when they were put.

    CLI Example:

    .. code-block:: bash

        salt-run brine.rollout_list
    """
    return {
        name: {
            "infohash": rollout["payload"]["infohash"],
            "minions": len(rollout["minions"]),
            "putAt": rollout.get("putAt"),
        }
        for name, rollout in sorted(_read_rollouts().items())
    }


def status(name: str, timeout: int = 10) -> dict:
    """
    How a rollout fares: asks the minions of it that are connected, at most a hundred at a time, one request each.

    timeout
        Seconds for each hundred.

    CLI Example:

    .. code-block:: bash

        salt-run brine.status maps
    """
    rollout = rollout_get(name)
    connected = _connected()
    asked = [minion for minion in rollout["minions"] if minion in connected]
    told: dict[str, Any] = {}
    with salt.client.get_local_client(mopts=__opts__) as client:
        for at in range(0, len(asked), ASKED_MAX):
            part = asked[at : at + ASKED_MAX]
            told.update(client.cmd(part, "brine.status", tgt_type="list", timeout=int(timeout), full_return=True))
    report: dict[str, Any] = {"infohash": rollout["payload"]["infohash"], "complete": [], "fetching": {}, "trouble": {}}
    for minion in asked:
        _report(report, minion, told.get(minion), name)
    report["absent"] = [minion for minion in rollout["minions"] if minion not in told]
    report["counts"] = {key: len(report[key]) for key in ("complete", "fetching", "trouble", "absent")}
    return report


def _report(report: dict, minion: str, answer: Any, name: str) -> None:
    if not isinstance(answer, dict):
        return
    payloads = answer.get("ret")
    if answer.get("retcode") or not isinstance(payloads, dict):
        report["trouble"][minion] = " ".join(str(payloads).split())
        return
    payload = payloads.get(name)
    if payload is None or payload["infohash"] != report["infohash"]:
        report["trouble"][minion] = "it is not ordered there yet; apply its states"
    elif payload["complete"]:
        report["complete"].append(minion)
    elif payload["phase"] == "failed":
        report["trouble"][minion] = payload["error"]["message"]
    else:
        report["fetching"][minion] = payload["percent"]


def _connected() -> set[str]:
    return set(salt.utils.minions.CkMinions(__opts__).connected_ids())


def _targeted(tgt: Any, tgt_type: str) -> list[str]:
    if tgt_type != "list":
        return sorted(salt.utils.minions.CkMinions(__opts__).check_minions(tgt, tgt_type)["minions"])
    minions = _list(tgt, "tgt") or []
    for minion in minions:
        if not salt.utils.verify.valid_id(__opts__, minion):
            raise SaltInvocationError(f"tgt: {minion!r} cannot be a minion")
    return sorted(set(minions))


def _publish(before: dict[str, dict], after: dict[str, dict], name: str) -> dict:
    """Writes the files of all minions that a rollout concerns, or did; also those that were damaged meanwhile."""
    had = set(before.get(name, {}).get("minions", ()))
    has = set(after.get(name, {}).get("minions", ()))
    orders: dict[str, dict] = {minion: {} for minion in had | has}
    for each, rollout in sorted(after.items()):
        for minion in rollout["minions"]:
            if minion in orders:
                orders[minion][each] = rollout["payload"]
    for minion, payloads in orders.items():
        # Empty, because that is meant, and not because something is missing.
        content = {"payloads": payloads, "allow_empty": not payloads}
        file = os.path.join(_directory("minions"), _file_name(minion))
        if _read(file) != content:
            _write(file, content)
    return {"minions": len(has), "added": sorted(has - had), "removed": sorted(had - has)}


def _read_rollouts() -> dict[str, dict]:
    found = {}
    directory = _directory("rollouts")
    for file in sorted(os.listdir(directory)):
        if not file.endswith(".json") or file.startswith("."):
            continue
        rollout = _read(os.path.join(directory, file))
        if not isinstance(rollout, dict) or rollout.get("name") != file[: -len(".json")]:
            raise CommandExecutionError(f"{os.path.join(directory, file)} is no rollout; restore or delete it")
        found[rollout["name"]] = rollout
    return found


def _read(file: str) -> Any:
    """What is in it; None for what is missing or no JSON."""
    try:
        with open(file, encoding="utf-8") as stream:
            return json.load(stream)
    except (FileNotFoundError, ValueError):
        return None


def _write(file: str, content: Any) -> None:
    """Entirely or not at all, also for who reads meanwhile and over a power cut."""
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(file), prefix=".new-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2, sort_keys=True)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        # The master that compiles pillars may be another user than the one who runs this.
        os.chmod(temporary, 0o644)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    with open(os.path.join(_directory(""), ".lock"), "w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _rollout_file(name: str) -> str:
    return os.path.join(_directory("rollouts"), f"{name}.json")


def _directory(name: str) -> str:
    options = __opts__.get("brine")
    root = (options.get("root") if isinstance(options, dict) else None) or DEFAULT_ROOT
    directory = os.path.join(root, name)
    os.makedirs(directory, exist_ok=True)
    return directory


def _payload_name(name: Any) -> str:
    return _checked(name, PAYLOAD_NAME, "name: letters, digits, dots, dashes and underscores")


def _checked(value: Any, pattern: re.Pattern, rule: str) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    raise SaltInvocationError(f"{rule}, not {value!r}")


def _list(value: Any, what: str) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return list(value)
    raise SaltInvocationError(f"{what}: give a list of texts, or one with commas, not {value!r}")


def _file_name(minion_id: str) -> str:
    """
    One plain name below the directory for whatever a minion calls itself, and another one for every other. The external pillar reads by
    the same rule.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]|^\.", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), minion_id)
    return f"{plain}.json"
