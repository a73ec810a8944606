#!/usr/bin/python3
"""One libtorrent peer: libtorrent_peer.py [--tuned] [--lsd] ROLE SOURCE DIRECTORY IP:PORT [PEER_IP:PORT ...]

ROLE is seed or leech, SOURCE a .torrent file or a magnet link. Prints `ready` once it serves (seed) or listens (leech) and
`complete SECONDS` (since 1970) once everything is downloaded and checked; then goes on until SIGTERM.
"""
import sys
import time

import libtorrent as lt

arguments = sys.argv[1:]
tuned = '--tuned' in arguments
lsd = '--lsd' in arguments
role, source, directory, own, *peers = [each for each in arguments if each not in ('--tuned', '--lsd')]
ip, port = own.rsplit(':', 1)

settings = dict(lt.high_performance_seed()) if tuned else {}
# TCP only and plain: on loopback uTP is slower by a factor of twenty, encryption would measure something else.
settings.update(
    enable_outgoing_utp=False, enable_incoming_utp=False, out_enc_policy=2, in_enc_policy=2,
    unchoke_slots_limit=-1, connections_limit=500, mixed_mode_algorithm=0)
if tuned:
    settings.update(
        max_out_request_queue=1500, max_allowed_in_request_queue=2000, request_queue_time=5,
        send_buffer_watermark=4 << 20, send_buffer_low_watermark=512 << 10, send_buffer_watermark_factor=150,
        aio_threads=4, hashing_threads=2, max_queued_disk_bytes=64 << 20,
        connection_speed=500, torrent_connect_boost=255)
settings.update(
    enable_dht=False, enable_lsd=lsd, enable_upnp=False, enable_natpmp=False, allow_multiple_connections_per_ip=True,
    min_reconnect_time=1, listen_interfaces=own, outgoing_interfaces=ip, user_agent='libtorrent',
    alert_mask=lt.alert.category_t.status_notification | lt.alert.category_t.error_notification
    | lt.alert.category_t.tracker_notification)

session = lt.session(settings)
if source.startswith('magnet:'):
    order = lt.parse_magnet_uri(source)
else:
    order = lt.add_torrent_params()
    order.ti = lt.torrent_info(source)
order.save_path = directory
order.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if role == 'seed':
    order.flags |= lt.torrent_flags.seed_mode
handle = session.add_torrent(order)
for peer in peers:
    host, number = peer.rsplit(':', 1)
    handle.connect_peer((host, int(number)))
print('ready', flush=True)

complete = role == 'seed'
while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        if isinstance(alert, lt.torrent_finished_alert) and not complete:
            complete = True
            print('complete %f' % time.time(), flush=True)
        elif 'error' in type(alert).__name__ or 'failed' in type(alert).__name__:
            print(alert, file=sys.stderr, flush=True)
