import { expect, test } from 'vitest';

import { METADATA_PIECE_LENGTH } from '@brine/wire';
import { MetadataServing } from '../../src/discovery/metadata-serving.ts';

const info = Uint8Array.from({ length: METADATA_PIECE_LENGTH + 10 }, (_, index) => index);

test('pieces are served from the info dictionary, the last one shorter', () => {
  const serving = new MetadataServing(info);
  expect(serving.answer('a', 0, 0)).toEqual({
    type: 'data',
    piece: 0,
    totalSize: info.length,
    bytes: info.subarray(0, METADATA_PIECE_LENGTH),
  });
  expect(serving.answer('a', 1, 0)).toMatchObject({ bytes: info.subarray(METADATA_PIECE_LENGTH) });
});

test('a piece beyond the end is rejected', () => {
  expect(new MetadataServing(info).answer('a', 2, 0)).toEqual({ type: 'reject', piece: 2 });
});

test('everything is rejected while the metadata is unknown', () => {
  expect(new MetadataServing(undefined).answer('a', 0, 0)).toEqual({ type: 'reject', piece: 0 });
});

test('a flood is rejected after three copies, a patient peer gets on with one piece a second, others are not affected', () => {
  const serving = new MetadataServing(info);
  const served = Array.from({ length: 50 }, () => serving.answer('flood', 0, 0).type);
  expect(served.filter((type) => type === 'data')).toHaveLength(6);
  expect(serving.answer('other', 0, 0).type).toBe('data');
  expect(serving.answer('flood', 0, 999).type).toBe('reject');
  expect(serving.answer('flood', 0, 1000).type).toBe('data');
  expect(serving.answer('flood', 0, 1000).type).toBe('reject');
});

test('a connection that is gone leaves nothing behind', () => {
  const serving = new MetadataServing(info);
  for (let index = 0; index < 50; index++) serving.answer('a', 0, 0);
  serving.peerGone('a');
  expect(serving.answer('a', 0, 0).type).toBe('data');
});
