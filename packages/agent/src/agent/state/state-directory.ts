import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { restrictToOwner } from './owner-only.ts';

/** What lies where in a state directory. */
export class StateDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes it, for its owner alone. */
  async make(): Promise<void> {
    const made = await mkdir(this.path, { recursive: true, mode: 0o700 });
    if (made !== undefined) await restrictToOwner(made, 'folder');
    await mkdir(this.torrents, { recursive: true, mode: 0o700 });
  }

  /** How the agent is reached; there while it runs. */
  get agentFile(): string {
    return join(this.path, 'agent.json');
  }

  get lock(): string {
    return join(this.path, 'agent.lock');
  }

  get token(): string {
    return join(this.path, 'token');
  }

  get orders(): string {
    return join(this.path, 'orders.json');
  }

  /** Torrent files of what was ordered, by info-hash. */
  get torrents(): string {
    return join(this.path, 'torrents');
  }

  get resume(): string {
    return join(this.path, 'resume');
  }

  torrent(infohash: string): string {
    return join(this.torrents, `${infohash}.torrent`);
  }
}
