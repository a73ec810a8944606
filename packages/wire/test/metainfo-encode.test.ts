import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBencode } from '../src/bencode/encode.ts';
import { hexOf } from '../src/hex.ts';
import { encodeInfo, type FileDraft, type InfoDraft } from '../src/metainfo/encode-info.ts';
import { encodeMetainfo } from '../src/metainfo/encode-metainfo.ts';
import { parseInfo } from '../src/metainfo/parse-info.ts';
import { parseMetainfo } from '../src/metainfo/parse-metainfo.ts';
import { safeComponent } from '../src/metainfo/safe-path.ts';
import { errorOf, folderInfo, sha1, singleInfo } from './torrent-bytes.ts';

const single: InfoDraft = {
  name: 'file.bin',
  folder: false,
  pieceLength: 16,
  pieceHashes: new Uint8Array(60).fill(9),
  files: [{ path: ['file.bin'], length: 40 }],
};

function folder(...files: readonly FileDraft[]): InfoDraft {
  const total = files.reduce((sum, file) => sum + file.length, 0);
  return {
    ...single,
    name: 'folder',
    folder: true,
    files,
    pieceHashes: new Uint8Array(20 * Math.ceil(total / 16)),
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('encodeInfo', () => {
  it('writes keys in order and nothing that was not asked for', () => {
    expect(text(encodeInfo({ ...single, pieceHashes: Buffer.from('x'.repeat(60)) }))).toBe(
      `d6:lengthi40e4:name8:file.bin12:piece lengthi16e6:pieces60:${'x'.repeat(60)}e`,
    );
    expect(text(encodeInfo({ ...single, private: true, source: 'us' }))).toMatch(
      /7:privatei1e6:source2:use$/,
    );
  });

  it('writes attributes, links and pad files as BEP 47 asks', () => {
    const info = encodeInfo(
      folder(
        { path: ['a'], length: 10, executable: true, hidden: true },
        { path: ['whatever'], length: 6, padding: true },
        { path: ['l'], length: 0, symlink: ['a'] },
      ),
    );
    expect(text(info)).toContain(
      'd4:attr2:xh6:lengthi10e4:pathl1:aee' +
        'd4:attr1:p6:lengthi6e4:pathl4:.pad1:6eed4:attr1:l6:lengthi0e4:pathl1:le12:symlink pathl1:aee',
    );
  });

  it('refuses a payload that would not arrive under its own names, and says which name would do', () => {
    const cases: [InfoDraft, string][] = [
      [folder({ path: ['sub', 'a:b'], length: 1 }), '"sub/a_b"'],
      [folder({ path: ['a'], length: 1 }, { path: ['A'], length: 1 }), '"A~2"'],
      [folder({ path: ['a'], length: 1 }, { path: ['l'], length: 0, symlink: ['a:'] }), '"a_"'],
      [{ ...single, name: 'NUL', files: [{ path: ['NUL'], length: 40 }] }, '"_NUL"'],
      [folder({ path: ['..', 'a'], length: 1 }), 'leaves the payload'],
      [{ ...single, pieceHashes: new Uint8Array(59) }, '`pieces`'],
    ];
    for (const [draft, words] of cases) {
      const error = errorOf(() => encodeInfo(draft));
      expect(error).toMatch(/^metainfo-invalid: /);
      expect(error).toContain(words);
    }
  });

  it('refuses a payload of several files that is no folder', () => {
    expect(() => encodeInfo({ ...single, files: [] })).toThrow(RangeError);
  });

  const name = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.string({ minLength: 1, maxLength: 12 }),
    )
    .map((candidate) => safeComponent(candidate) ?? 'x');
  const file = fc.record(
    {
      path: fc.array(name, { minLength: 1, maxLength: 4 }),
      length: fc.nat(1000),
      executable: fc.boolean(),
      hidden: fc.boolean(),
      padding: fc.boolean(),
    },
    { requiredKeys: ['path', 'length'] },
  );
  const draft = fc
    .record({
      name,
      files: fc.array(file, { maxLength: 6 }),
      pieceLength: fc.integer({ min: 1, max: 64 }),
      private: fc.boolean(),
    })
    .map(({ name, files, pieceLength, private: isPrivate }): InfoDraft => {
      // A folder each: no two names can meet.
      const apart = files.map((entry, index) => ({ ...entry, path: [`${index}`, ...entry.path] }));
      const total = files.reduce((sum, entry) => sum + entry.length, 0) + 1;
      const all = [...apart, { path: ['last'], length: 1 }];
      return {
        name,
        pieceLength,
        private: isPrivate,
        folder: true,
        files: all,
        pieceHashes: new Uint8Array(20 * Math.ceil(total / pieceLength)),
      };
    });

  it('writes what parseInfo reads back as the same, and again to the same bytes', () => {
    fc.assert(
      fc.property(draft, (input) => {
        const bytes = encodeInfo(input);
        const info = parseInfo(bytes);
        expect(info).toMatchObject({
          name: input.name,
          pieceLength: input.pieceLength,
          private: input.private,
        });
        expect(
          info.files.map((entry) => [entry.length, entry.padding, entry.executable, entry.hidden]),
        ).toEqual(
          input.files.map((entry) => [
            entry.length,
            entry.padding ?? false,
            entry.executable ?? false,
            entry.hidden ?? false,
          ]),
        );
        expect(info.files.map((entry) => (entry.padding ? [] : entry.path))).toEqual(
          input.files.map((entry) => (entry.padding === true ? [] : entry.path)),
        );
        expect(hexOf(encodeInfo(info))).toBe(hexOf(bytes));
      }),
    );
  });

  it('writes what survives any mutation as a value or a WireError when it is read', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom(...Buffer.from('idle0123456789:-./\\\u0000\u00ff', 'latin1')),
      fc.nat(2),
    );
    fc.assert(
      fc.property(draft, fc.array(edit, { minLength: 1, maxLength: 4 }), (input, edits) => {
        const bytes = [...encodeInfo(input)];
        for (const [at, byte, deleted] of edits) bytes.splice(at % (bytes.length + 1), deleted, byte);
        const error = errorOf(() => {
          for (const { path } of parseInfo(Uint8Array.from(bytes)).files) {
            for (const part of path) expect(safeComponent(part)).toBe(part);
          }
        });
        expect(error).toMatch(/^(?:no error|metainfo-(?:invalid|unsupported): .*|bencode-.*)$/s);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('encodeMetainfo', () => {
  it('reads back as it was asked for, and always has the same bytes', () => {
    const asked = {
      infoBytes: encodeInfo(single),
      trackers: [['http://a/', 'udp://b:1'], ['https://c/']],
      webSeeds: ['https://s/'],
      comment: 'ü',
      createdBy: 'Brine 0.1.0',
      creationDate: 1_700_000_000,
    };
    const bytes = encodeMetainfo(asked);
    const { infoHashes, info, ...read } = parseMetainfo(bytes, { sha1 });
    expect(read).toEqual(asked);
    expect(info).toEqual(parseInfo(asked.infoBytes));
    expect(infoHashes).toEqual({ v1: sha1(asked.infoBytes) });
    expect(hexOf(encodeMetainfo({ ...read }))).toBe(hexOf(bytes));
  });

  it('writes keys in order, and no list for a single tracker', () => {
    const bytes = encodeMetainfo({
      infoBytes: Buffer.from('de'),
      trackers: [[], ['http://a/']],
      webSeeds: ['http://s/'],
    });
    expect(text(bytes)).toBe('d8:announce9:http://a/4:infode8:url-listl9:http://s/ee');
    expect(text(encodeMetainfo({ infoBytes: Buffer.from('de') }))).toBe('d4:infodee');
  });

  it('leaves the info dictionary as it came, also when its keys are out of order', () => {
    const infoBytes = Buffer.from(`d6:pieces20:${'x'.repeat(20)}4:name1:a12:piece lengthi16e6:lengthi5ee`);
    expect(parseMetainfo(encodeMetainfo({ infoBytes, comment: 'c' }), { sha1 }).infoBytes).toEqual(
      new Uint8Array(infoBytes),
    );
  });
});

describe('large file lists', () => {
  it('of 100,000 files are read', () => {
    const files = Array.from({ length: 100_000 }, (_, i) => ({
      length: 1,
      path: [`dir${i % 997}`, `File ${i}.bin`],
    }));
    const info = folderInfo(files, { 'piece length': 2 ** 20, pieces: new Uint8Array(20) });
    const read = parseInfo(encodeBencode(info));
    expect(read.files.length).toBe(100_000);
    expect(read.files[54_321]).toMatchObject({ path: ['dir483', 'File 54321.bin'], offset: 54_321 });
    expect(parseInfo(encodeBencode({ ...singleInfo(), name: 'x' })).files.length).toBe(1);
  });
});
