import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBencode } from '../src/bencode/encode.ts';
import { hexOf } from '../src/hex.ts';
import { parseInfo } from '../src/metainfo/parse-info.ts';
import { parseMetainfo } from '../src/metainfo/parse-metainfo.ts';
import { foldedName, numberedComponent } from '../src/metainfo/safe-path.ts';
import {
  errorOf,
  type Fields,
  folderInfo,
  folderOf,
  parsed,
  pathsOf,
  sha1,
  singleInfo,
} from './torrent-bytes.ts';

describe('parseMetainfo', () => {
  it('reads a single file with everything around it', () => {
    const metainfo = parsed(singleInfo({ private: 1, attr: 'x' }), {
      announce: 'http://a/announce',
      'announce-list': [['http://a/announce', 'udp://b:80'], ['https://c/']],
      'url-list': 'https://seed/file.bin',
      comment: 'what ü is',
      'created by': 'Brine',
      'creation date': 1_700_000_000,
    });
    expect(metainfo.info).toMatchObject({
      name: 'file.bin',
      folder: false,
      pieceLength: 16,
      pieceCount: 3,
      totalLength: 40,
      private: true,
      files: [{ path: ['file.bin'], length: 40, offset: 0, padding: false, executable: true, hidden: false }],
    });
    expect(metainfo.info.pieceHashes).toEqual(new Uint8Array(60).fill(7));
    expect(metainfo).toMatchObject({
      trackers: [['http://a/announce', 'udp://b:80'], ['https://c/']],
      webSeeds: ['https://seed/file.bin'],
      comment: 'what ü is',
      createdBy: 'Brine',
      creationDate: 1_700_000_000,
    });
  });

  it('hashes the info dictionary exactly as it stands, also with keys out of order and unknown ones', () => {
    const info = `d6:pieces20:${'x'.repeat(20)}4:name1:a12:piece lengthi16e6:lengthi5e3:zzzi1ee`;
    const bytes = Buffer.from(`d4:info${info}8:url-listlee`);
    const metainfo = parseMetainfo(bytes, { sha1 });
    expect(Buffer.from(metainfo.infoBytes).toString()).toBe(info);
    expect(hexOf(metainfo.infoHashes.v1 ?? new Uint8Array())).toBe(
      createHash('sha1').update(info).digest('hex'),
    );
    expect(parseInfo(metainfo.infoBytes)).toEqual(metainfo.info);
  });

  it('shares no memory with its input', () => {
    const bytes = Buffer.from(encodeBencode({ info: singleInfo() }));
    const metainfo = parseMetainfo(bytes, { sha1 });
    bytes.fill(0);
    expect(metainfo.info.pieceHashes).toEqual(new Uint8Array(60).fill(7));
    expect(parseInfo(metainfo.infoBytes).name).toBe('file.bin');
  });

  it('lays the files of a folder one after the other', () => {
    const { info } = parsed(
      folderInfo([
        { length: 10, path: ['a'] },
        { length: 0, path: ['sub', 'empty'] },
        { length: 30, path: ['sub', 'deep', 'b'], attr: 'hx' },
      ]),
    );
    expect(info).toMatchObject({
      name: 'folder',
      folder: true,
      totalLength: 40,
      pieceCount: 3,
      private: false,
    });
    expect(info.files.map(({ path, offset, length }) => [path.join('/'), offset, length])).toEqual([
      ['a', 0, 10],
      ['sub/empty', 10, 0],
      ['sub/deep/b', 10, 30],
    ]);
    expect(info.files[2]).toMatchObject({ executable: true, hidden: true, padding: false });
  });

  it('prefers the UTF-8 variants of names and comment', () => {
    const { info, comment } = parsed(
      folderInfo([{ length: 1, path: [Uint8Array.of(0xb0, 0xa1)], 'path.utf-8': ['啊'] }], {
        name: Uint8Array.of(0xb0),
        'name.utf-8': '文件',
      }),
      { comment: Uint8Array.of(0xff), 'comment.utf-8': 'ok' },
    );
    expect([info.name, info.files[0]?.path, comment]).toEqual(['文件', ['啊'], 'ok']);
  });

  it('reads hybrids by their v1 part, with pad files under a path of their own', () => {
    const { info } = parsed(
      folderInfo(
        [
          { length: 10, path: ['a'] },
          { length: 6, path: ['../../etc'], attr: 'p' },
          { length: 6, attr: 'p' },
          { length: 16, path: ['b'] },
        ],
        { 'meta version': 2, 'file tree': {} },
      ),
    );
    expect(info.files.map((file) => [file.path.join('/'), file.padding, file.offset])).toEqual([
      ['a', false, 0],
      ['.pad/6', true, 10],
      ['.pad/6', true, 16],
      ['b', false, 22],
    ]);
  });

  it('says that v2-only torrents are not supported', () => {
    const info = { 'meta version': 2, 'file tree': {}, name: 'x', 'piece length': 16_384 };
    expect(errorOf(() => parsed(info))).toMatch(/^metainfo-unsupported: .*v2 only/);
  });
});

describe('trackers and web seeds', () => {
  const trackersOf = (fields: Fields): unknown => parsed(singleInfo(), fields).trackers;

  it('come from announce when there is no usable list', () => {
    expect(trackersOf({ announce: 'http://a/' })).toEqual([['http://a/']]);
    expect(trackersOf({ announce: 'http://a/', 'announce-list': [[], ['ftp://x/']] })).toEqual([
      ['http://a/'],
    ]);
    expect(trackersOf({ announce: 'http://a/', 'announce-list': 7 })).toEqual([['http://a/']]);
    expect(trackersOf({})).toEqual([]);
  });

  it('are kept once each, also from a flat list, and only when they can be used', () => {
    const list = [
      'http://a/',
      ['http://a/', ' udp://b:1 '],
      ['file:///etc/passwd', 'wss://c/', 'http://d e/', 7, []],
    ];
    expect(trackersOf({ announce: 'http://z/', 'announce-list': list })).toEqual([
      ['http://a/'],
      ['udp://b:1'],
    ]);
    const seeds = ['http://a/ü', 'ftp://b/', 'https://c/\u0007', 'http://a/ü', `http://${'x'.repeat(3000)}/`];
    expect(parsed(singleInfo(), { 'url-list': seeds }).webSeeds).toEqual(['http://a/ü']);
  });

  it('are bounded in number', () => {
    const list = Array.from({ length: 3000 }, (_, i) => [`http://t${i}/`]);
    expect(parsed(singleInfo(), { 'announce-list': list }).trackers.length).toBe(1000);
  });

  it('and other decoration may be of the wrong kind without harm', () => {
    const metainfo = parsed(singleInfo(), {
      comment: 1,
      'created by': [],
      'creation date': 'now',
      'url-list': 5,
    });
    expect(Object.keys(metainfo).sort()).toEqual(['info', 'infoBytes', 'infoHashes', 'trackers', 'webSeeds']);
    expect(parsed(singleInfo(), { 'creation date': -5 }).creationDate).toBeUndefined();
  });
});

describe('a hostile or broken info dictionary', () => {
  const file = { length: 1, path: ['a'] };
  it.each<[string, Fields, RegExp]>([
    ['without a name', singleInfo({ name: undefined }), /`name`/],
    ['with a number for a name', singleInfo({ name: 5 }), /`name`/],
    ['with a name that climbs', singleInfo({ name: '..' }), /`name`/],
    ['with a name that is a path', singleInfo({ name: '/etc/passwd' }), /`name`/],
    ['with an empty name', singleInfo({ name: '' }), /`name`/],
    ['without pieces', singleInfo({ pieces: undefined }), /`pieces`/],
    ['with a list for pieces', singleInfo({ pieces: [] }), /`pieces`/],
    ['with too few pieces', singleInfo({ pieces: new Uint8Array(40) }), /need 3 × 20/],
    ['with too many pieces', singleInfo({ pieces: new Uint8Array(80) }), /need 3 × 20/],
    ['with half a digest', singleInfo({ pieces: new Uint8Array(50) }), /need 3 × 20/],
    ['without a piece length', singleInfo({ 'piece length': undefined }), /`piece length`/],
    ['with pieces of no length', singleInfo({ 'piece length': 0 }), /`piece length`/],
    ['with pieces of negative length', singleInfo({ 'piece length': -16 }), /`piece length`/],
    ['with pieces of a gigabyte', singleInfo({ 'piece length': 2 ** 30 }), /`piece length`/],
    ['with text for a piece length', singleInfo({ 'piece length': '16' }), /`piece length`/],
    ['with more pieces than anybody needs', singleInfo({ length: 2 ** 50 }), /pieces are more than/],
    ['without length and files', singleInfo({ length: undefined }), /neither/],
    ['with length and files', singleInfo({ files: [file] }), /both/],
    ['with a negative length', singleInfo({ length: -1 }), /`length`/],
    ['with text for a length', singleInfo({ length: '40' }), /`length`/],
    ['of nothing', singleInfo({ length: 0, pieces: '' }), /no bytes/],
    ['of empty files', folderInfo([{ length: 0, path: ['a'] }]), /no bytes/],
    ['without files', folderInfo([]), /`files` is empty/],
    ['with a dictionary for files', folderInfo([], { files: {} }), /`files` is not a list/],
    ['with a file that is no dictionary', folderInfo([], { files: ['x'] }), /file 1: it is not a dictionary/],
    ['with a file without length', folderInfo([{ path: ['a'] }]), /file 1: `length`/],
    ['with a file of negative length', folderInfo([file, { length: -1, path: ['b'] }]), /file 2: `length`/],
    [
      'with files beyond 2^53',
      folderInfo([{ length: 2 ** 53 - 1, path: ['a'] }, file], { pieces: '' }),
      /2\^53/,
    ],
    ['with a file without path', folderInfo([{ length: 1 }]), /`path` is missing/],
    ['with an empty path', folderInfo([{ length: 1, path: [] }]), /`path` is empty/],
    ['with text for a path', folderInfo([{ length: 1, path: 'a/b' }]), /`path` is missing or not a list/],
    ['with a number in a path', folderInfo([{ length: 1, path: ['a', 1] }]), /not a string/],
    ['with a list in a path', folderInfo([{ length: 1, path: [['a'], 'b'] }]), /not a string/],
    [
      'with a list where a folder was',
      folderInfo([
        { length: 1, path: ['le', 'a'] },
        { length: 1, path: [[], 'b'] },
      ]),
      /not a string/,
    ],
    ['with a path that climbs', folderOf(['a', '..', '..', 'etc']), /leaves the payload/],
    ['with a path of itself', folderOf(['.', 'a']), /leaves the payload/],
    ['with an empty folder name', folderOf(['', 'etc']), /leaves the payload/],
    ['with a slash in a path', folderOf(['a/../../b']), /leaves the payload/],
    ['with a very deep path', folderOf(Array.from({ length: 65 }, () => 'a')), /deeper than 64/],
  ])('is refused %s', (_, info, message) => {
    const error = errorOf(() => parsed(info));
    expect(error).toMatch(/^metainfo-invalid: /);
    expect(error).toMatch(message);
  });

  it('is refused when it is no dictionary, is missing, or stands in none', () => {
    expect(errorOf(() => parsed([]))).toContain('`info` is not a dictionary');
    expect(errorOf(() => parseMetainfo(encodeBencode({}), { sha1 }))).toContain('`info` is missing');
    expect(errorOf(() => parseMetainfo(encodeBencode([]), { sha1 }))).toContain('not a dictionary');
    expect(errorOf(() => parseMetainfo(encodeBencode({ info: singleInfo() }).subarray(1), { sha1 }))).toMatch(
      /^bencode-/,
    );
    expect(errorOf(() => parseInfo(Buffer.from('d4:name1:a')))).toMatch(/^bencode-malformed/);
  });
});

describe('paths that some platform could not tell apart', () => {
  it('are numbered in the order of the files', () => {
    expect(pathsOf(folderOf(['README'], ['readme'], ['ReadMe.md'], ['README.MD'], ['README']))).toEqual([
      'README',
      'readme~2',
      'ReadMe.md',
      'README~2.MD',
      'README~3',
    ]);
  });

  it('step over names that are taken already', () => {
    expect(pathsOf(folderOf(['a~2'], ['a'], ['A']))).toEqual(['a~2', 'a', 'A~3']);
  });

  it('find composed and decomposed letters', () => {
    expect(pathsOf(folderOf(['caf\u00e9'], ['cafe\u0301']))).toEqual(['caf\u00e9', 'cafe\u0301~2']);
  });

  it('find names that became the same by being made safe', () => {
    expect(pathsOf(folderOf(['a:b'], ['a?b']))).toEqual(['a_b', 'a_b~2']);
  });

  it('put files of folders that differ only in case into one folder', () => {
    expect(pathsOf(folderOf(['Dir', 'a'], ['dir', 'b'], ['DIR', 'A'], ['other', 'a']))).toEqual([
      'Dir/a',
      'Dir/b',
      'Dir/A~2',
      'other/a',
    ]);
  });

  it('tell a file from a folder, whichever comes first', () => {
    expect(pathsOf(folderOf(['a'], ['a', 'b'], ['A', 'c']))).toEqual(['a', 'a~2/b', 'a~2/c']);
    expect(pathsOf(folderOf(['a', 'b'], ['A'], ['a', 'c']))).toEqual(['a/b', 'A~2', 'a/c']);
  });

  it('are settled as by looking for each name among all others', () => {
    const name = fc.constantFrom('a', 'A', 'á', 'a\u0301', 'Á', 'k', '\u212a', 'ß', 'SS', 'b', 'a~2', 'A~2');
    const path = fc.array(name, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 40 }), (paths) => {
        expect(pathsOf(folderOf(...paths))).toEqual(settled(paths));
      }),
    );
  });

  it('are refused when there are so many that it can only be malice', () => {
    const same = Array.from({ length: 1000 }, () => ['same']);
    expect(errorOf(() => parsed(folderOf(...same)))).toContain('too many files');
  });
});

/** The rule of payload-tree.ts in its plainest form: sets of folded names, folder by folder. */
function settled(paths: readonly (readonly string[])[]): string[] {
  const taken = new Set<string>();
  const folders = new Map<string, string>();
  const take = (folder: string, name: string): string => {
    let given = name;
    for (let number = 2; taken.has(`${folder}/${foldedName(given)}`); number++)
      given = numberedComponent(name, number);
    taken.add(`${folder}/${foldedName(given)}`);
    return folder === '' ? given : `${folder}/${given}`;
  };
  return paths.map((path) => {
    const folder = path.slice(0, -1).reduce((parent, name) => {
      const key = `${parent}/${foldedName(name)}`;
      const known = folders.get(key) ?? take(parent, name);
      folders.set(key, known);
      return known;
    }, '');
    return take(folder, path.at(-1) ?? '');
  });
}

describe('symbolic links', () => {
  const link = (path: readonly string[], target: readonly string[], fields: Fields = {}): Fields => ({
    attr: 'l',
    path,
    'symlink path': target,
    ...fields,
  });
  const file = (...path: readonly string[]): Fields => ({ length: 1, path });
  const linksOf = (...files: readonly Fields[]): unknown[] =>
    parsed(folderInfo(files)).info.files.map((entry) => entry.symlink?.join('/'));

  it('name a place inside the payload and have no length', () => {
    expect(linksOf(file('d', 'a'), link(['l'], ['d', 'a']), link(['m'], ['d'], { length: 0 }))).toEqual([
      undefined,
      'd/a',
      'd',
    ]);
  });

  it('follow their target when it got another name, also when it comes later', () => {
    expect(
      linksOf(link(['l'], ['dir', 'X:']), file('Dir', 'X:'), file('A'), file('a'), link(['m'], ['a'])),
    ).toEqual(['Dir/X_', undefined, undefined, undefined, 'a~2']);
  });

  it.each<[string, Fields[], RegExp]>([
    ['leave the payload', [link(['l'], ['..', 'etc'])], /leaves the payload/],
    ['are absolute', [link(['l'], ['', 'etc'])], /leaves the payload/],
    ['hide a path in a name', [link(['l'], ['/etc/passwd'])], /leaves the payload/],
    ['name nothing', [link(['l'], [])], /`symlink path` is empty/],
    ['lack a target', [{ attr: 'l', path: ['l'] }], /`symlink path` is missing/],
    ['have content', [link(['l'], ['a'], { length: 5 })], /5 bytes of content/],
    ['are folders for later files', [link(['l'], ['d']), file('L', 'a')], /link and a folder/],
    ['are folders of earlier files', [file('l', 'a'), link(['l'], ['d'])], /link and a folder/],
  ])('are refused when they %s', (_, files, message) => {
    expect(errorOf(() => parsed(folderInfo([file('z'), ...files])))).toMatch(message);
  });

  it('are plain files without the attribute, whatever target stands there', () => {
    expect(linksOf({ length: 1, path: ['a'], 'symlink path': ['..'] })).toEqual([undefined]);
  });
});
