# Installs the agent on Windows from the same archive. It runs as a task of the system that starts with the machine, so nothing but Node is
# needed beside it (brine:agent:node_package is its name in the winrepo; nothing, if Node comes from elsewhere).
{%- from 'brine/map.jinja' import agent, configuration with context %}
{%- set home = agent.folder ~ '\\brine-' ~ agent.version %}

{%- if agent.node_package %}
brine node:
  pkg.installed:
    - name: {{ agent.node_package }}
    - require_in:
      - module: brine task
{%- endif %}

brine files:
  archive.extracted:
    - name: {{ agent.folder | json }}
    - source: {{ agent.source }}
{%- if agent.get('source_hash') %}
    - source_hash: {{ agent.source_hash }}
{%- endif %}
    - if_missing: {{ home | json }}

brine command:
  win_path.exists:
    - name: {{ home | json }}
    - require:
      - archive: brine files

{%- for root in agent.roots %}
brine root {{ loop.index }}:
  file.directory:
    - name: {{ root | json }}
    - makedirs: true
{%- endfor %}

brine configuration:
  file.serialize:
    - name: {{ agent.config | json }}
    - serializer: yaml
    - makedirs: true
    - dataset: {{ configuration | json }}

# Peers of other machines come in here; the API stays on this machine.
brine firewall:
  win_firewall.add_rule:
    - name: Brine
    - localport: 6881-6889
    - protocol: tcp
    - action: allow
    - dir: in
    - remoteip: any

brine task:
  module.run:
    - task.create_task:
      - name: Brine agent
      - user_name: System
      - force: true
      - action_type: Execute
      - cmd: {{ (home ~ '\\brine.cmd') | json }}
      - arguments: agent
      - trigger_type: OnBoot
      - execution_time_limit: false
      - multiple_instances: No New Instance
    - onchanges:
      - archive: brine files
      - file: brine configuration

brine runs:
  module.run:
    - task.run:
      - name: Brine agent
    - onchanges:
      - module: brine task
