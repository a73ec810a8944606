import { execFile, spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { until } from '../rig/agent.ts';
import { describeWith } from '../rig/describe-with.ts';
import { makeFile, makeFolder } from '../rig/payload.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { AgentRoom } from './agent-room.ts';

const run = promisify(execFile);

/** What Debian's `transmission-remote` prints and how it ends, when it is pointed at an agent. */
async function remote(
  { url, token }: Pick<AgentRoom, 'url' | 'token'>,
  ...args: readonly string[]
): Promise<string> {
  const command = [new URL(url).host, '--auth', `any:${token}`, ...args];
  try {
    return (await run('transmission-remote', command)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}`;
  }
}

describeWith(
  {
    switchName: 'BRINE_INTEROP',
    title: 'transmission-remote',
    missing:
      spawnSync('transmission-remote', ['--version']).status === 0
        ? undefined
        : 'no transmission-remote: run scripts/install-peers.sh',
  },
  () => {
    test('drives an agent: adds, lists, limits, pauses, verifies, removes', async () => {
      await using seeder = await AgentRoom.open();
      await using agent = await AgentRoom.open('--set', 'api.transmission=true');
      const folder = await makeFolder(join(seeder.directory, 'root'), 'maps', 5);
      const maps = await makeTorrent('brine', folder, join(seeder.directory, 'maps.torrent'), 65_536, []);
      const single = await makeFile(join(seeder.directory, 'root'), 'film.bin', 3_000_001);
      const film = await makeTorrent('brine', single, join(seeder.directory, 'film.torrent'), 65_536, []);
      for (const { path, infoHash } of [maps, film]) {
        const torrentFile = seeder.root(infoHash);
        await run('cp', [path, torrentFile]);
        await seeder.client.putPayload(infoHash, { torrentFile, mode: 'seed' });
      }
      const peers = (await seeder.client.getEngine()).listening;

      // By file and by magnet link.
      expect(await remote(agent, '--add', maps.path)).toContain('success');
      const magnet = `magnet:?xt=urn:btih:${film.infoHash}&dn=film.bin&x.pe=${peers[0]}`;
      expect(await remote(agent, '--add', magnet)).toContain('success');
      expect(await remote(agent, '--add', maps.path)).toContain('success');
      expect(await remote(agent, '--list')).toMatch(/^ +1 .* maps$/m);
      await agent.client.addPeers('maps', peers);
      await until(agent.client, 'maps', ({ complete }) => complete);
      await until(agent.client, 'film.bin', ({ complete }) => complete);

      const list = await remote(agent, '--list');
      expect(list).toMatch(/^ +1 +100% .*Done .* maps$/m);
      expect(list).toMatch(/^ +2 +100% +3\.00 MB +Done .* film\.bin$/m);
      const info = await remote(agent, '--torrent', '2', '--info');
      expect(info).toContain(`Hash: ${film.infoHash}`);
      expect(info).toContain(`Location: ${agent.root()}`);
      expect(info).toContain('Percent Done: 100%');
      expect(info).toMatch(/Piece Count: 46$/m);
      expect(await remote(agent, '--torrent', '2', '--files')).toMatch(
        /^ +0: 100% Normal +Yes +3\.00 MB +film\.bin$/m,
      );
      expect(await remote(agent, '--torrent', film.infoHash, '--info-pieces')).toMatch(/^ +1{8} /m);
      expect(await remote(agent, '--torrent', '1', '--info-peers')).toContain('Address');

      expect(await remote(agent, '--torrent', '1', '--downlimit', '300')).toContain('success');
      expect(await remote(agent, '--torrent', '1', '--info')).toContain('Download Limit: 300 kB/s');
      expect(await remote(agent, '--uplimit', '700')).toContain('success');
      expect(await agent.client.getLimits()).toMatchObject({ total: { upBytesPerSecond: 700_000 } });
      expect(await remote(agent, '--session-info')).toMatch(
        /RPC version: 17[^]*Upload speed limit: 700 kB\/s/,
      );
      expect(await remote(agent, '--session-stats')).toContain('CURRENT SESSION');

      expect(await remote(agent, '--torrent', '1', '--stop')).toContain('success');
      expect(await remote(agent, '--list')).toMatch(/Stopped +maps$/m);
      expect(await remote(agent, '--torrent', '1', '--start')).toContain('success');
      await until(agent.client, 'maps', ({ phase }) => phase === 'seeding');
      expect(await remote(agent, '--torrent', '1', '--verify')).toContain('success');
      await until(agent.client, 'maps', ({ phase, complete }) => phase === 'seeding' && complete);
      expect(await remote(agent, '--torrent', '1', '--reannounce')).toContain('success');

      expect(await remote(agent, '--torrent', 'all', '--remove')).toContain('"all" is not taken');
      expect(await remote(agent, '--torrent', '1', '--remove')).toContain('success');
      expect(await remote(agent, '--torrent', '2', '--remove-and-delete')).toContain('success');
      expect(await remote(agent, '--list')).not.toMatch(/maps|film/);
      await until(seeder.client, maps.infoHash, ({ connections }) => connections.length === 0);
      expect((await readdir(agent.root())).filter((name) => name !== '.brine')).toContain('maps');

      const stranger = { url: agent.url, token: 'wrong-password-that-is-long-enough-00000' };
      expect(await remote(stranger, '--list')).toContain('The password is wrong');
      expect(await remote(agent, '--add', maps.path, '--download-dir', '/etc')).toMatch(
        /not below a configured root/,
      );
      expect(await remote(agent, '--list')).toContain('Sum:');
    }, 120_000);
  },
);
