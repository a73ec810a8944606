import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { WEBTORRENT } from './clients.ts';
import type { BenchOptions } from './options.ts';

/**
 * Installs webtorrent beside the project when asked to. Two repairs: `uint8-util` is held at 2.2.5, because 2.3.2 breaks adding a
 * torrent by its bytes, and the native part of WebRTC, which downloads a binary, is replaced by empty classes.
 */
export function installWebtorrent(options: BenchOptions): void {
  if (!options.webtorrent || existsSync(join(WEBTORRENT, 'node_modules/webtorrent'))) return;
  mkdirSync(WEBTORRENT, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { webtorrent: '2.8.5' },
    overrides: { 'uint8-util': '2.2.5' },
  };
  writeFileSync(join(WEBTORRENT, 'package.json'), JSON.stringify(manifest));
  const npm = spawnSync('npm', ['install', '--ignore-scripts', '--silent'], {
    cwd: WEBTORRENT,
    stdio: 'inherit',
  });
  if (npm.status !== 0) {
    process.stderr.write('webtorrent cannot be installed here; it is left out\n');
    return;
  }
  const names = [
    'RTCPeerConnection',
    'RTCSessionDescription',
    'RTCIceCandidate',
    'RTCDataChannel',
    'MediaStream',
  ];
  const classes = names.map((name) => `export class ${name} {}\n`).join('');
  writeFileSync(
    join(WEBTORRENT, 'node_modules/webrtc-polyfill/index.js'),
    `${classes}export default { ${names.join(', ')} };\n`,
  );
}
