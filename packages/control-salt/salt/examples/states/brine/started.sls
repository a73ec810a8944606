# Start the agent now, wherever it was stopped: salt 'store-*' state.apply brine.started
{%- if grains['kernel'] == 'Windows' %}
brine is started:
  module.run:
    - task.run:
      - name: Brine agent
    - unless: brine status
{%- else %}
brine is started:
  service.running:
    - names: [brine-agent.socket, brine-agent]
{%- endif %}
