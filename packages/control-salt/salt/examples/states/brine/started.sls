# Start the agent now, wherever it was stopped: salt 'store-*' state.apply brine.started
brine is started:
  service.running:
{%- if grains['kernel'] == 'Windows' %}
    - name: BrineAgent
{%- else %}
    - names: [brine-agent.socket, brine-agent]
{%- endif %}
