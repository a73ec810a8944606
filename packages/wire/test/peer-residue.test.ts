import { describe, expect, it } from 'vitest';
import { Residue } from '../src/peer/residue.ts';

const MIB = 1024 * 1024;

describe('what a chunk border has cut', () => {
  it('costs what has arrived, not what was announced', () => {
    const residue = new Residue();
    residue.gather(new Uint8Array(5), 0, MIB);
    expect(residue.bytes.buffer.byteLength).toBeLessThan(100);
  });

  it('never takes more room than the message, nor grows with every chunk', () => {
    const residue = new Residue();
    const buffers = new Set<ArrayBufferLike>();
    for (let chunk = 0; chunk < 1024; chunk++) {
      residue.gather(new Uint8Array(1024), 0, MIB);
      buffers.add(residue.bytes.buffer);
    }
    expect(residue.length).toBe(MIB);
    expect(residue.bytes.buffer.byteLength).toBe(MIB);
    expect(buffers.size).toBeLessThan(16);
  });

  it('takes only what is missing', () => {
    const residue = new Residue();
    expect(residue.gather(Uint8Array.of(1, 2, 3, 4), 1, 2)).toBe(3);
    expect(residue.bytes).toEqual(Uint8Array.of(2, 3));
  });

  it('is left alone once it was handed over', () => {
    const residue = new Residue();
    residue.gather(Uint8Array.of(1, 2), 0, 2);
    const bytes = residue.release();
    residue.gather(Uint8Array.of(9, 9), 0, 2);
    expect(bytes).toEqual(Uint8Array.of(1, 2));
  });
});
