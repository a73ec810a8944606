import { describe, expect, test } from 'vitest';
import { decodeResumeRecord, encodeResumeRecord } from '../src/node/resume-record.ts';
import type { ResumeRecord } from '../src/node/resume-record.ts';
import { samplePayload } from './contract/sample-payload.ts';

const { id, layout } = samplePayload(16 * 1024, [
  ['a', 100_000],
  ['b', 5],
]);
const record: ResumeRecord = {
  session: 'open',
  ours: true,
  facts: Float64Array.of(100_000, 1_700_000_000_123.25, 5, Number.NaN),
  synced: Uint8Array.of(0b1010_0000),
  written: Uint8Array.of(0b0100_0000),
};

describe('resume record', () => {
  test('what was recorded is read back', () => {
    const read = decodeResumeRecord(id, layout, encodeResumeRecord(id, layout, record));
    expect(read).toMatchObject({ session: 'open', ours: true, facts: record.facts });
    expect([...read!.synced, ...read!.written]).toEqual([...record.synced, ...record.written]);
  });

  test('damage to any byte, and any cut, makes it no record', () => {
    const bytes = encodeResumeRecord(id, layout, record);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 0x10;
      expect(decodeResumeRecord(id, layout, damaged)).toBeUndefined();
      expect(decodeResumeRecord(id, layout, bytes.subarray(0, at))).toBeUndefined();
    }
  });

  test('a record of another payload is no record of this one', () => {
    const bytes = encodeResumeRecord(id, layout, record);
    expect(decodeResumeRecord('0'.repeat(40), layout, bytes)).toBeUndefined();
    expect(decodeResumeRecord(id, { ...layout, totalLength: layout.totalLength + 1 }, bytes)).toBeUndefined();
    expect(decodeResumeRecord(id, { ...layout, pieceLength: 32 * 1024 }, bytes)).toBeUndefined();
    expect(decodeResumeRecord(id, { ...layout, files: layout.files.slice(1) }, bytes)).toBeUndefined();
  });
});
