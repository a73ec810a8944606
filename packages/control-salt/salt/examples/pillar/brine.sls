# By hand, for a first rollout: 'store-*': [brine] in the pillar's top file.
brine:
  site: de/muc
  agent:
    roots: [/srv/payloads]
    settings:
      limits:
        wan-down: mon-fri 08:00-18:00 2mbit; 20mbit
  payloads:
    maps:
      infohash: '6a9759bffd5c0af65319979fb7832189f4f3c35d'
      path: /srv/payloads
      peers: ['192.0.2.1:6881']
