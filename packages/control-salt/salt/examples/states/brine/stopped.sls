# Stop the agent; what it was doing goes on at its next start: salt 'store-*' state.apply brine.stopped
brine is stopped:
  service.dead:
{%- if grains['kernel'] == 'Windows' %}
    - name: BrineAgent
{%- else %}
    # First the socket, which would start it again.
    - names: [brine-agent.socket, brine-agent]
{%- endif %}
