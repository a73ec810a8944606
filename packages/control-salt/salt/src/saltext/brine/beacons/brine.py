"""
Tells the master how payloads fare, as events ``salt/beacon/<minion>/brine/<kind>``:

``progress``
    A payload was ordered, or has come at least ``step`` percent further.
``complete``
    Everything is verified, on disk, under its final name.
``error``
    Something is wrong; with ``code``, ``message`` and ``wayOut``.
``agent``
    The agent answers, or does not answer any more.

.. code-block:: yaml

    beacons:
      brine:
        - interval: 5    # how often Salt asks this beacon; how often it looks is up to `seconds`
        - seconds: 15    # at least so long between two looks at the agent, and so between two events of a payload
        - step: 5        # per cent

Each look is one call to the agent on this machine. Looks are spread at random, so that a fleet that starts together does not
report together; all events of one look reach the master in one message.
"""

from __future__ import annotations

import random
import time

from salt.exceptions import CommandExecutionError, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    __salt__: dict[str, Callable[..., Any]]

__virtualname__ = "brine"

STEP_MIN = 5.0
SECONDS_MIN = 15.0
# A look comes up to this part of `seconds` later.
JITTER = 0.25


class _Memory:
    """What was told last; lives as long as the minion keeps this module loaded. Then everything is told once more."""

    def __init__(self) -> None:
        self.look_at: float | None = None
        self.available: bool | None = None
        self.payloads: dict[str, dict] = {}


_memory = _Memory()


def __virtual__():
    return __virtualname__


def validate(config: Any) -> tuple[bool, str]:
    """
    Check the configuration.

    CLI Example:

    .. code-block:: bash

        salt '*' beacons.add brine '[{"seconds": 30}, {"step": 10}]'
    """
    if not isinstance(config, list) or not all(isinstance(each, dict) for each in config):
        return False, "Configuration for brine beacon must be a list of dictionaries."
    for key, least in (("step", STEP_MIN), ("seconds", SECONDS_MIN)):
        value = _options(config).get(key, least)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < least:
            return False, f"{key} must be a number of at least {least:g}, not {value!r}."
    return True, "Valid beacon configuration"


def beacon(config: list[dict]) -> list[dict]:
    """
    What is new since the last look; see the head of this file.

    CLI Example:

    .. code-block:: bash

        salt '*' beacons.list
    """
    options = _options(config)
    seconds = max(float(options.get("seconds", SECONDS_MIN)), SECONDS_MIN)
    step = max(float(options.get("step", STEP_MIN)), STEP_MIN)
    now = time.monotonic()
    if _memory.look_at is None:
        _memory.look_at = now + random.uniform(0, seconds)
    if now < _memory.look_at:
        return []
    _memory.look_at = now + seconds * random.uniform(1, 1 + JITTER)
    try:
        payloads = __salt__["brine.status"]()
    except (CommandExecutionError, SaltInvocationError) as error:
        return _agent_event(False, error=str(error))
    return _agent_event(True) + _payload_events(payloads, step)


def _agent_event(available: bool, **more: str) -> list[dict]:
    if _memory.available == available:
        return []
    _memory.available = available
    return [{"tag": "agent", "available": available, **more}]


def _payload_events(payloads: dict[str, dict], step: float) -> list[dict]:
    events = []
    told = _memory.payloads
    _memory.payloads = {}
    for name, payload in payloads.items():
        before = told.get(name)
        if before is not None and before["infohash"] != payload["infohash"]:
            before = None
        kind = _news(before, payload, step)
        if kind is not None:
            events.append(_event(kind, payload))
        # Small steps add up to a large one.
        _memory.payloads[name] = _noted(payload) if kind is not None else before
    return events


def _news(before: dict | None, payload: dict, step: float) -> str | None:
    """The kind of event that a payload is worth, if any."""
    now = _noted(payload)
    if now["error"] is not None and (before is None or before["error"] != now["error"]):
        return "error"
    if now["complete"] and (before is None or not before["complete"]):
        return "complete"
    # Recovered, or damaged since.
    if before is None or before["error"] != now["error"] or before["complete"] != now["complete"]:
        return "progress"
    return "progress" if now["percent"] - before["percent"] >= step else None


def _noted(payload: dict) -> dict:
    return {
        "infohash": payload["infohash"],
        "percent": payload["percent"],
        "complete": payload["complete"],
        "error": payload.get("error", {}).get("code"),
    }


def _event(kind: str, payload: dict) -> dict:
    keys = ("name", "infohash", "percent", "phase", "bytesDone", "bytesTotal", "etaSeconds", "error")
    return {"tag": kind, **{key: payload[key] for key in keys if key in payload}}


def _options(config: list[dict]) -> dict:
    return {key: value for each in config for key, value in each.items()}
