"""Salt drives Brine agents: an execution module, states, a beacon, grains, a runner and an external pillar."""

__version__ = "0.1.0"
