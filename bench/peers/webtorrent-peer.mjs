// One webtorrent peer: webtorrent-peer.mjs HOME ROLE TORRENT DIRECTORY IP:PORT [PEER ...]. Prints `ready` and `complete`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [home, role, torrentPath, path, own, ...peers] = process.argv.slice(2);
const { default: WebTorrent } = await import(pathToFileURL(`${home}/node_modules/webtorrent/index.js`).href);
const client = new WebTorrent({
  utp: false,
  dht: false,
  tracker: false,
  lsd: false,
  webSeeds: false,
  natUpnp: false,
  natPmp: false,
  torrentPort: Number(own.split(':')[1]),
  maxConns: 200,
});
client.on('error', (error) => console.error(error));
const torrent = client.add(readFileSync(torrentPath), { path, skipVerify: role === 'seed', announce: [] });
torrent.on('ready', () => {
  const start = () => {
    console.log('ready');
    for (const peer of peers) torrent.addPeer(peer);
  };
  if (role !== 'seed' || torrent.done) start();
  else torrent.once('done', start);
});
torrent.on('done', () => role !== 'seed' && console.log('complete'));
