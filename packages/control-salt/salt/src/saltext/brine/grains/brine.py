"""
Where this machine is, for targeting and for whoever plans rollouts:

.. code-block:: yaml

    brine:
      site: de/muc      # brine:site of the minion's configuration; else what the agent says
      link: 10mbit      # brine:link of the minion's configuration: the line of the site
      version: 0.1.0    # of the agent, while one runs

Nothing is asked over the network: the agent's ``agent.json`` is read, so a minion never waits for this.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    __opts__: dict[str, Any]

__virtualname__ = "brine"


def __virtual__():
    return __virtualname__


def brine() -> dict[str, dict[str, str]]:
    """
    The grain ``brine``; absent where nothing is known.

    CLI Example:

    .. code-block:: bash

        salt -G 'brine:site:de/muc' brine.status
    """
    options = __opts__.get("brine")
    options = options if isinstance(options, dict) else {}
    agent = _agent_file(options)
    found = {
        "site": options.get("site") or agent.get("site"),
        "link": options.get("link"),
        "version": agent.get("version"),
    }
    known = {key: str(value) for key, value in found.items() if value}
    return {"brine": known} if known else {}


def _agent_file(options: dict) -> dict:
    file = os.path.join(options.get("state") or _default_state(), "agent.json")
    try:
        with open(file, encoding="utf-8") as stream:
            found = json.loads(stream.read(65_536))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _default_state() -> str:
    """As the agent itself chooses it."""
    if os.name == "nt":
        return os.path.join(os.environ.get("ProgramData", "C:\\ProgramData"), "Brine", "state")
    if os.geteuid() == 0:
        return "/var/lib/brine"
    home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(home, "brine")
