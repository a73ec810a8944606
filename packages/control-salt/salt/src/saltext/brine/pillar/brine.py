"""
The payloads of each minion as pillar ``brine``, read from one JSON file per minion.

.. code-block:: yaml

    # the master's configuration
    brine:
      root: /srv/brine        # where the runner `brine` writes; this is the default
    ext_pillar:
      - brine: {}             # or another root: `- brine: {root: /srv/elsewhere}`

The files are ``<root>/minions/<minion>.json`` and are written by the runner; whoever writes them by other means replaces them by rename. A
minion without a file has no ``brine`` pillar. A file that cannot be read makes the pillar fail as a whole, and then no state removes
anything.

Reading one small file is all that happens for each pillar, so it costs the master the same with 10 minions and with 10,000.
"""

from __future__ import annotations

import json
import os
import re

from salt.exceptions import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    __opts__: dict[str, Any]

__virtualname__ = "brine"

DEFAULT_ROOT = "/srv/brine"
BYTES_MAX = 4 * 1024 * 1024


def __virtual__():
    return __virtualname__


def ext_pillar(minion_id: str, pillar: dict, root: str | None = None) -> dict:
    """
    Returns ``{"brine": {"payloads": {name: order}, "allow_empty": bool}}``, or nothing for a minion without a file.

    CLI Example:

    .. code-block:: bash

        salt 'store-7' pillar.get brine:payloads
    """
    options = __opts__.get("brine")
    configured = options.get("root") if isinstance(options, dict) else None
    directory = os.path.join(root or configured or DEFAULT_ROOT, "minions")
    if not os.path.isdir(directory):
        raise CommandExecutionError(f"{directory} is no directory; make it, or put a rollout with the runner `brine`")
    file = os.path.join(directory, _file_name(minion_id))
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read(BYTES_MAX + 1)
    except FileNotFoundError:
        return {}
    if len(text) > BYTES_MAX:
        raise CommandExecutionError(f"{file} has more than {BYTES_MAX} bytes")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandExecutionError(f"{file} is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("payloads"), dict):
        raise CommandExecutionError(f'{file} must be an object with "payloads"')
    return {"brine": {"payloads": found["payloads"], "allow_empty": found.get("allow_empty") is True}}


def _file_name(minion_id: str) -> str:
    """
    One plain name below the directory for whatever a minion calls itself, and another one for every other. The runner writes by the
    same rule.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]|^\.", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), minion_id)
    return f"{plain}.json"
