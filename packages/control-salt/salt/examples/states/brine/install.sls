# An installer that runs once for each content of the payload `maps`, when all of it is there: now, or in a later highstate.
include:
  - brine.payloads

maps is there:
  brine.complete:
    - name: maps
    - infohash: {{ salt['pillar.get']('brine:payloads:maps:infohash', '') | json }}
    - require:
      - brine: order maps

install maps:
  cmd.run:
{%- if grains['kernel'] == 'Windows' %}
    - name: C:\Payloads\maps\setup.exe /quiet
{%- else %}
    - name: /srv/payloads/maps/install.sh
{%- endif %}
    - onchanges:
      - brine: maps is there
