#!/usr/bin/python3
"""Makes and reads v1 torrents with libtorrent, as an opinion that is not ours.

libtorrent_torrent.py create PATH PIECE_BYTES FILE [TRACKER ...]  writes FILE
libtorrent_torrent.py show FILE                                   prints JSON: infoHash, files (path, length), pieceLength
"""
import json
import os
import sys

import libtorrent as lt

if sys.argv[1] == 'create':
    path, piece_bytes, out, trackers = sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:]
    files = lt.file_storage()
    lt.add_files(files, path)
    torrent = lt.create_torrent(files, piece_bytes, lt.create_torrent.v1_only)
    for tier, tracker in enumerate(trackers):
        torrent.add_tracker(tracker, tier)
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    with open(out, 'wb') as file:
        file.write(lt.bencode(torrent.generate()))
else:
    info = lt.torrent_info(sys.argv[2])
    files = info.files()
    print(json.dumps({
        'infoHash': str(info.info_hash()),
        'pieceLength': info.piece_length(),
        'files': [{'path': files.file_path(i), 'length': files.file_size(i)} for i in range(files.num_files())],
    }))
