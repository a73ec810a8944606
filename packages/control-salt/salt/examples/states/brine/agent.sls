# Installs the agent on Linux from the archive that the project builds (scripts/make-agent-tarball.sh), and configures it from pillar.
# Who has a Node of 20.19 or newer from elsewhere sets brine:agent:node_package to nothing.
{%- from 'brine/map.jinja' import agent, configuration with context %}
{%- set home = agent.folder ~ '/brine-' ~ agent.version %}
{%- set units = home ~ '/services/systemd' %}

{%- if agent.node_package %}
brine node:
  pkg.installed:
    - name: {{ agent.node_package }}
    - require_in:
      - service: brine service
{%- endif %}

brine files:
  archive.extracted:
    - name: {{ agent.folder }}
    - source: {{ agent.source }}
{%- if agent.get('source_hash') %}
    - source_hash: {{ agent.source_hash }}
{%- endif %}
    - if_missing: {{ home }}

brine command:
  file.symlink:
    - name: /usr/local/bin/brine
    - target: {{ home }}/brine
    - force: true
    - require:
      - archive: brine files

brine user:
  user.present:
    - name: brine
    - system: true
    - home: /var/lib/brine
    - createhome: false
    - shell: /usr/sbin/nologin

{%- for root in agent.roots %}
brine root {{ root }}:
  file.directory:
    - name: {{ root }}
    - user: brine
    - group: brine
    - makedirs: true
    - require:
      - user: brine user
{%- endfor %}

brine configuration:
  file.serialize:
    - name: {{ agent.config }}
    - serializer: yaml
    - makedirs: true
    - dataset: {{ configuration | json }}

{%- for unit in ['brine-agent.service', 'brine-agent.socket'] %}
brine unit {{ unit }}:
  file.copy:
    - name: /etc/systemd/system/{{ unit }}
    - source: {{ units }}/{{ unit }}
    - force: true
    - require:
      - archive: brine files
    - onchanges_in:
      - cmd: brine units are read
{%- endfor %}

brine roots are writable:
  file.managed:
    - name: /etc/systemd/system/brine-agent.service.d/roots.conf
    - makedirs: true
    - contents: |
        [Service]
        ReadWritePaths={{ agent.roots | join(' ') }}
    - onchanges_in:
      - cmd: brine units are read

brine units are read:
  cmd.run:
    - name: systemctl daemon-reload

# The socket starts the agent whenever somebody calls its API; with exit-when-idle in brine:agent:settings it ends by itself.
brine socket:
  service.running:
    - name: brine-agent.socket
    - enable: true
    - require:
      - cmd: brine units are read

brine service:
  service.running:
    - name: brine-agent
    - enable: true
    - require:
      - service: brine socket
      - user: brine user
      - file: brine command
    - watch:
      - archive: brine files
      - file: brine configuration
      - file: brine roots are writable
