include:
  - brine.{{ 'agent-windows' if grains['kernel'] == 'Windows' else 'agent' }}
  - brine.payloads
