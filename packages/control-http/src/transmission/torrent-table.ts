import type { PayloadStatus } from '../payload-service.ts';
import { RpcError } from './rpc-request.ts';

/** A payload as Transmission's clients know it: by a number. */
export interface Torrent {
  /** Never given to another one while the service runs. */
  readonly id: number;
  readonly status: PayloadStatus;
  /** Place among all. */
  readonly position: number;
  /** Bytes were last seen to move, seconds since 1970; 0: not yet. */
  readonly activityDate: number;
  /** It was seen to become complete, seconds since 1970; 0: not yet, or before. */
  readonly doneDate: number;
}

/** What is remembered of a payload between two looks. */
interface Memory {
  readonly id: number;
  look: string;
  changedMs: number;
  activityMs: number;
  doneMs: number;
}

/**
 * Gives payloads their numbers, and knows which of them have changed lately. It looks when it is asked, and remembers no more payloads
 * than there are.
 */
export class TorrentTable {
  readonly #list: () => readonly PayloadStatus[];
  readonly #nowMs: () => number;
  #memories = new Map<string, Memory>();
  #removed: { readonly id: number; readonly atMs: number }[] = [];
  #lastId = 0;

  /** `nowMs`: milliseconds since 1970. */
  constructor(list: () => readonly PayloadStatus[], nowMs: () => number) {
    this.#list = list;
    this.#nowMs = nowMs;
  }

  /** All, as they are now. */
  look(): readonly Torrent[] {
    const nowMs = this.#nowMs();
    const before = this.#memories;
    const after = new Map<string, Memory>();
    const torrents = this.#list().map((status, position) => {
      const memory = this.#remember(status, before.get(status.infohash), nowMs);
      after.set(status.infohash, memory);
      const { id, activityMs, doneMs } = memory;
      return { id, status, position, activityDate: seconds(activityMs), doneDate: seconds(doneMs) };
    });
    for (const [infohash, { id }] of before)
      if (!after.has(infohash)) this.#removed.push({ id, atMs: nowMs });
    this.#removed = this.#removed.filter(({ atMs }) => atMs > nowMs - RECENT_MS).slice(-REMOVED_MAX);
    this.#memories = after;
    return torrents;
  }

  /** Those that a call's `ids` mean; unknown ones mean nothing. Absent: all. Throws `RpcError`. */
  select(ids: unknown): readonly Torrent[] {
    const torrents = this.look();
    if (ids === undefined) return torrents;
    if (ids === RECENTLY_ACTIVE) return torrents.filter(({ status }) => this.#isRecent(status));
    const wanted = new Set((Array.isArray(ids) ? ids : [ids]).map(readId));
    return torrents.filter(({ id, status }) => wanted.has(id) || wanted.has(status.infohash));
  }

  /** Numbers of those that have gone lately. */
  recentlyRemoved(): readonly number[] {
    return this.#removed.map(({ id }) => id);
  }

  #remember(status: PayloadStatus, before: Memory | undefined, nowMs: number): Memory {
    const look = lookOf(status);
    const memory = before ?? { id: (this.#lastId += 1), look, changedMs: nowMs, activityMs: 0, doneMs: 0 };
    if (isMoving(status)) memory.activityMs = nowMs;
    if (memory.look === look) return memory;
    if (status.complete && !memory.look.startsWith('complete')) memory.doneMs = nowMs;
    return Object.assign(memory, { look, changedMs: nowMs });
  }

  #isRecent({ infohash }: PayloadStatus): boolean {
    const memory = this.#memories.get(infohash);
    return memory !== undefined && Math.max(memory.changedMs, memory.activityMs) > this.#nowMs() - RECENT_MS;
  }
}

export const RECENTLY_ACTIVE = 'recently-active';

/** What changes when something happens to it. */
function lookOf({ complete, phase, bytesDone, checkedPercent, error, limits }: PayloadStatus): string {
  return `${complete ? 'complete' : 'partial'} ${JSON.stringify([phase, bytesDone, checkedPercent, error, limits])}`;
}

function isMoving({ downBytesPerSecond, upBytesPerSecond }: PayloadStatus): boolean {
  return downBytesPerSecond > 0 || upBytesPerSecond > 0;
}

function readId(id: unknown): number | string {
  if (typeof id === 'number' && Number.isInteger(id)) return id;
  if (typeof id === 'string') return id.toLowerCase();
  throw new RpcError(`"ids" must be a number, a hash, "${RECENTLY_ACTIVE}", or a list of numbers and hashes`);
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

const RECENT_MS = 60_000;
const REMOVED_MAX = 1_000;
