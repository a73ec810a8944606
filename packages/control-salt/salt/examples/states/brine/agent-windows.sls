# Installs the agent on Windows from the same archive, as the service BrineAgent. Node 20.19 or newer must be there: by the winrepo, whose
# name for it is brine:agent:node_package, or from elsewhere, and then that is nothing. The service's wrapper, WinSW 2.12, is not ours: put
# WinSW-x64.exe beside the archive.
{%- from 'brine/map.jinja' import agent, configuration with context %}
{%- set home = agent.folder ~ '\\brine-' ~ agent.version %}
{%- set wrapper = agent.folder ~ '\\WinSW-x64.exe' %}
{%- set install = home ~ '\\node_modules\\@brine\\agent\\services\\windows\\install.ps1' %}

{%- if agent.node_package %}
brine node:
  pkg.installed:
    - name: {{ agent.node_package }}
    - require_in:
      - cmd: brine installation
{%- endif %}

brine files:
  archive.extracted:
    - name: {{ agent.folder | json }}
    - source: {{ agent.source }}
{%- if agent.get('source_hash') %}
    - source_hash: {{ agent.source_hash }}
{%- endif %}
    - if_missing: {{ home | json }}

brine wrapper:
  file.managed:
    - name: {{ wrapper | json }}
    - source: {{ agent.wrapper }}
    - makedirs: true

brine command:
  win_path.exists:
    - name: {{ home | json }}
    - require:
      - archive: brine files

brine installation:
  cmd.run:
    - name: {{ ("& '" ~ install ~ "' -WinSW '" ~ wrapper ~ "' -Root '" ~ agent.roots[0] ~ "'") | json }}
    - shell: powershell
    - onchanges:
      - archive: brine files
      - file: brine wrapper

brine configuration:
  file.serialize:
    - name: {{ agent.config | json }}
    - serializer: yaml
    - dataset: {{ configuration | json }}
    - require:
      - cmd: brine installation

# Peers of other machines come in here; the API stays on this machine.
brine firewall:
  win_firewall.add_rule:
    - name: Brine
    - localport: 6881-6889
    - protocol: tcp
    - action: allow
    - dir: in
    - remoteip: any

brine service:
  service.running:
    - name: BrineAgent
    - enable: true
    - watch:
      - archive: brine files
      - file: brine configuration
