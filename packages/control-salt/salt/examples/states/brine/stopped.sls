# Stop the agent; what it was doing goes on at its next start: salt 'store-*' state.apply brine.stopped
{%- if grains['kernel'] == 'Windows' %}
brine rests:
  cmd.run:
    - name: brine stop
    - onlyif: brine status
{%- else %}
brine rests:
  service.dead:
    - names: [brine-agent.socket, brine-agent]
{%- endif %}
