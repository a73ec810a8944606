"""
Declares which payloads a machine has.

.. code-block:: yaml

    order maps:
      brine.present:
        - name: maps
        - infohash: 6a9759bffd5c0af65319979fb7832189f4f3c35d
        - path: /srv/payloads
        - peers: [192.0.2.1:6881]

    maps is there:
      brine.complete:
        - name: maps
        - require:
          - brine: order maps

    install maps:
      cmd.run:
        - name: /srv/payloads/maps/install.sh
        - onchanges:
          - brine: maps is there

``present`` is true as soon as the agent has taken the order, so a highstate never waits for a transfer; ``complete`` is false
until everything is verified and on disk, so whatever requires it waits for a later run.

Salt takes what is required for an ID or a name. So give ``present`` an ID of its own: ``brine: maps`` would also mean ``maps is there``,
whose name is ``maps``.
"""

from __future__ import annotations

import time

from salt.exceptions import CommandExecutionError, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    __salt__: dict[str, Callable[..., Any]]
    __opts__: dict[str, Any]
    __pillar__: dict[str, Any]

__virtualname__ = "brine"

TROUBLES = (CommandExecutionError, SaltInvocationError)
# Between two looks while a state waits.
LOOK_SECONDS = 1.0


def __virtual__():
    return __virtualname__


def present(
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
) -> dict:
    """
    The payload is ordered. True with the percentage in the comment as soon as the agent has taken the order; changes only when
    the order is another than before; False only for what somebody must mend. Arguments as for the function ``brine.add``.

    .. code-block:: yaml

        maps:
          brine.present:
            - infohash: 6a9759bffd5c0af65319979fb7832189f4f3c35d
            - path: /srv/payloads
            - peers: [192.0.2.1:6881]
            - trackers: [http://tracker.example/announce]
            - down: mon-fri 08:00-18:00 2mbit; 20mbit
    """
    order = {
        "infohash": infohash,
        "magnet": magnet,
        "torrent": torrent,
        "path": path,
        "mode": mode,
        "peers": peers,
        "trackers": trackers,
        "down": down,
        "up": up,
        "paused": paused,
    }
    try:
        before = __salt__["brine.list"]().get(name)
        answer = __salt__["brine.add"](name, test=__opts__["test"], **order)
    except TROUBLES as error:
        return _failure(name, error)
    return _accepted(name, answer, before, order)


def complete(name: str, infohash: str | None = None, timeout: float = 0, ack: bool = True) -> dict:
    """
    The payload is verified, on disk and under its final name. False, with the percentage, until it is.

    There are changes exactly once for each content that is ordered under the name, so whatever has ``onchanges`` of this state
    runs once. That the change was told is kept by the agent, over restarts; a payload that is removed and ordered anew is told
    again.

    infohash
        Also false while it is other content than this.

    timeout
        Seconds to wait for completion. Default 0: look once. While it waits, no other state runs on the minion.

    ack
        False: do not take note, so there are changes in every run until somebody calls ``brine.ack``; for installers that must be
        tried again until they succeed.

    .. code-block:: yaml

        maps is there:
          brine.complete:
            - name: maps
            - infohash: 6a9759bffd5c0af65319979fb7832189f4f3c35d
    """
    try:
        payload = _wait(name, infohash, float(timeout))
        if payload.get("acknowledgedAt") is not None:
            return _result(name, True, f"{name} is complete at {payload['path']}")
        if ack and not __opts__["test"]:
            __salt__["brine.ack"](name, infohash=payload["infohash"])
    except ValueError:
        return _failure(name, f"timeout: {timeout!r} is no number of seconds")
    except TROUBLES as error:
        return _failure(name, error)
    changes = {name: {"old": None, "new": payload["infohash"]}}
    return _result(name, True, f"{name} is complete at {payload['path']}", changes)


def absent(name: str, keep_data: bool = False) -> dict:
    """
    The payload is not ordered, and what the agent created for it is gone; nothing else is deleted.

    keep_data
        Leave what is complete where it is.

    .. code-block:: yaml

        old-maps:
          brine.absent: []
    """
    try:
        payload = __salt__["brine.list"]().get(name)
        if payload is None:
            return _result(name, True, f"{name} is not ordered here")
        if not __opts__["test"]:
            __salt__["brine.remove"](name, keep_data=keep_data)
    except TROUBLES as error:
        return _failure(name, error)
    verb = "would be" if __opts__["test"] else "is"
    return _result(name, True, f"{name} {verb} removed", _gone({name: payload}))


def only(
    name: str,
    payloads: list[str] | dict[str, Any] | None = None,
    allow_empty: bool = False,
    keep_data: bool = False,
) -> dict:
    """
    No other payloads than these are ordered. What is not listed is removed with what the agent created for it, and nothing else;
    what is listed is left as it is, and not ordered by this state.

    Removes nothing when the list is empty, or when the pillar could not be rendered: what is missing there would be missing here.

    payloads
        Names; or a mapping whose keys are names, as in a pillar.

    allow_empty
        An empty list is meant: everything goes.

    keep_data
        Leave what is complete where it is.

    .. code-block:: yaml

        no other payloads:
          brine.only:
            - payloads: {{ salt['pillar.get']('brine:payloads', {}) | list | json }}
    """
    trouble = _list_trouble(payloads, allow_empty)
    if trouble is not None:
        return _failure(name, f"nothing is removed: {trouble}")
    wanted = {str(each) for each in payloads or ()}
    try:
        surplus = {each: found for each, found in __salt__["brine.list"]().items() if each not in wanted}
    except TROUBLES as error:
        return _failure(name, error)
    if not surplus:
        return _result(name, True, "no other payloads are ordered here")
    if __opts__["test"]:
        return _result(name, True, f"would be removed: {', '.join(sorted(surplus))}", _gone(surplus))
    return _remove_all(name, surplus, keep_data)


def seeding(
    name: str,
    path: str,
    infohash: str | None = None,
    magnet: str | None = None,
    torrent: str | None = None,
    trackers: list[str] | str | None = None,
    up: str | float | None = None,
) -> dict:
    """
    This machine serves a payload that stands in ``path`` already; nothing is ever written to it. True while the agent still looks at
    the files, False if they are not what the payload's hashes say.

    .. code-block:: yaml

        maps:
          brine.seeding:
            - path: /srv/payloads
            - torrent: /srv/payloads/maps.torrent
    """
    order = {
        "infohash": infohash,
        "magnet": magnet,
        "torrent": torrent,
        "path": path,
        "mode": "seed",
        "trackers": trackers,
        "up": up,
    }
    try:
        before = __salt__["brine.list"]().get(name)
        answer = __salt__["brine.add"](name, test=__opts__["test"], **order)
    except TROUBLES as error:
        return _failure(name, error)
    return _accepted(name, answer, before, order)


def limits(
    name: str,
    down: str | float | None = None,
    up: str | float | None = None,
    wan_down: str | float | None = None,
    wan_up: str | float | None = None,
    reset: bool = False,
) -> dict:
    """
    The limits over all payloads are these; those that are not named stay as they are. Arguments as for the function
    ``brine.limits``.

    .. code-block:: yaml

        bandwidth of the agent:
          brine.limits:
            - wan_down: mon-fri 08:00-18:00 2mbit; 20mbit
            - wan_up: 1mbit
    """
    order = {"down": down, "up": up, "wan_down": wan_down, "wan_up": wan_up}
    if not reset and all(rate is None for rate in order.values()):
        return _failure(name, "say down, up, wan_down, wan_up or reset")
    try:
        before = __salt__["brine.limits"]()
        if reset and all(rate is None for rate in order.values()):
            after = {"source": "configuration"}
            same = before["source"] == "configuration"
        else:
            after = __salt__["brine.limits"](reset=reset, test=True, **order)
            same = _scopes(before) == _scopes(after)
        if same:
            return _result(name, True, "the limits are as they should be")
        if not __opts__["test"]:
            after = __salt__["brine.limits"](reset=reset, **order)
    except TROUBLES as error:
        return _failure(name, error)
    verb = "would be" if __opts__["test"] else "are"
    return _result(name, True, f"the limits {verb} set", {"limits": {"old": before, "new": after}})


def mod_watch(name: str, sfun: str = "present", timeout: float = 0, **_kwargs: Any) -> dict:
    """
    What a payload's state watches has changed: everything on disk is hashed again, and what is damaged is fetched again. ``complete``
    is then false until that is done. Not to be called directly.

    .. code-block:: yaml

        maps:
          brine.present:
            - infohash: 6a9759bffd5c0af65319979fb7832189f4f3c35d
            - watch:
              - cmd: disk was repaired
    """
    if sfun not in ("present", "complete", "seeding"):
        return _failure(name, f"brine.{sfun} cannot watch anything")
    if __opts__["test"]:
        return _result(name, True, f"{name} would be verified", {name: "would be verified"})
    try:
        __salt__["brine.verify"](name)
        if sfun == "complete":
            _wait(name, None, float(timeout))
            # No changes: who installs on completion is not to do it again.
            return _result(name, True, f"{name} is complete and verified")
    except TROUBLES as error:
        return _failure(name, error)
    return _result(name, True, f"{name} is being verified", {name: "is being verified"})


def _wait(name: str, infohash: str | None, seconds: float) -> dict:
    """The payload's status once it is complete. Raises ``CommandExecutionError`` when the time is over, or it is no use to wait."""
    deadline = time.monotonic() + seconds
    while True:
        payload = __salt__["brine.status"](name)
        found = payload["infohash"]
        if infohash is not None and found != str(infohash).lower():
            raise CommandExecutionError(f"{name} is {found}, not {infohash}: order that first")
        if payload["complete"] and payload["phase"] != "checking":
            return payload
        if payload["phase"] == "failed" or time.monotonic() >= deadline:
            raise CommandExecutionError(f"{name} is not complete: {_progress(payload)}")
        time.sleep(LOOK_SECONDS)


def _accepted(name: str, answer: dict, before: dict | None, order: dict) -> dict:
    """What ``present`` and ``seeding`` return for an order that was taken, or would be."""
    payload = answer["payload"]
    changes: dict = {}
    if answer["outcome"] == "created":
        changes = {name: {"old": None, "new": payload["infohash"]}}
    elif answer["outcome"] == "changed":
        changes = {part: _new_value(part, order, payload) for part in answer["changes"]}
        if "infohash" in changes and before is not None:
            changes["infohash"] = {"old": before["infohash"], "new": payload["infohash"]}
    if __opts__["test"]:
        what = {"created": "would be ordered", "changed": "would be ordered otherwise"}
        comment = what.get(answer["outcome"]) or _progress(payload)
        return _result(name, True, f"{name}: {comment}", changes)
    ret = _result(name, payload["phase"] != "failed", f"{name}: {_progress(payload)}", changes)
    if payload["phase"] != "failed" and "error" in payload:
        # It is tried again by itself; still, somebody may want to know.
        ret["warnings"] = [f"{name}: {payload['error']['message']}. {payload['error']['wayOut']}"]
    return ret


def _new_value(part: str, order: dict, payload: dict) -> Any:
    if part in ("infohash", "limits", "mode", "path"):
        return payload[part]
    return order.get(part)


def _remove_all(name: str, surplus: dict[str, dict], keep_data: bool) -> dict:
    removed, troubles = {}, []
    for each, found in sorted(surplus.items()):
        try:
            __salt__["brine.remove"](each, keep_data=keep_data)
            removed[each] = found
        except TROUBLES as error:
            troubles.append(f"{each}: {error}")
    comment = "; ".join(troubles) or f"removed: {', '.join(removed)}"
    return _result(name, not troubles, comment, _gone(removed))


def _list_trouble(payloads: Any, allow_empty: bool) -> str | None:
    """Why this list had better not decide what goes."""
    if __pillar__.get("_errors"):
        return "the pillar could not be rendered; see the master's log"
    if payloads is None and not allow_empty:
        return "there is no list of payloads. If everything is to go, set allow_empty: True"
    if payloads is not None and not isinstance(payloads, (list, tuple, dict)):
        return f"payloads: give a list of names, not {payloads!r}"
    for each in payloads or ():
        if not isinstance(each, (str, int)) or isinstance(each, bool) or str(each) == "":
            return f"payloads: {each!r} is no name"
    if not payloads and not allow_empty:
        return "the list of payloads is empty. If everything is to go, set allow_empty: True"
    return None


def _progress(payload: dict) -> str:
    error = payload.get("error")
    if error is not None:
        return f"{payload['percent']:g} %, {error['code']}: {error['message']}. {error['wayOut']}"
    if payload["phase"] == "checking":
        return f"{payload['percent']:g} %, hashing what is on disk"
    return "complete" if payload["complete"] else f"{payload['percent']:g} %, {payload['phase']}"


def _scopes(view: dict) -> dict:
    """Without who said so, and without scopes that limit nothing."""
    return {scope: rates for scope, rates in view.items() if scope != "source" and rates}


def _gone(payloads: dict[str, dict]) -> dict:
    return {name: {"old": found["infohash"], "new": None} for name, found in payloads.items()}


def _failure(name: str, error: Any) -> dict:
    return _result(name, False, str(error))


def _result(name: str, result: bool, comment: str, changes: dict | None = None) -> dict:
    """In a test, what would change is neither true nor false."""
    would = result and bool(changes) and __opts__["test"]
    return {"name": name, "result": None if would else result, "comment": comment, "changes": changes or {}}
