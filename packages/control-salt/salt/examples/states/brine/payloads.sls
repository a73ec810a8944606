# What pillar brine:payloads says, on any platform; nothing else. Six requests to the master when applied alone.
{%- set payloads = salt['pillar.get']('brine:payloads', {}) %}
{%- for name, payload in payloads.items() %}

order {{ name }}:
  brine.present:
    - name: {{ name }}
{%- for key in ['infohash', 'magnet', 'torrent', 'path', 'mode', 'peers', 'trackers', 'down', 'up', 'paused'] if payload.get(key) is not none %}
    - {{ key }}: {{ payload[key] | json }}
{%- endfor %}
    - require_in:
      - brine: no other payloads
{%- endfor %}

no other payloads:
  brine.only:
    - payloads: {{ payloads | list | json }}
    - allow_empty: {{ salt['pillar.get']('brine:allow_empty', false) | json }}
