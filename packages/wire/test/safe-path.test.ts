import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldedHash,
  foldedName,
  NOT_PLAIN,
  numberedComponent,
  plainHash,
  safeComponent,
  safeComponentOfBytes,
} from '../src/metainfo/safe-path.ts';
import { AsciiWindow } from '../src/text.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('safeComponent', () => {
  it.each(['', '.', '..', '/', '/etc', 'a/b', '../x'])('refuses %j', (text) => {
    expect(safeComponent(text)).toBeUndefined();
  });

  it.each([
    ['plain-Name_1.txt', 'plain-Name_1.txt'],
    [' leading space', ' leading space'],
    ['.hidden', '.hidden'],
    ['日本語 ü ñ.bin', '日本語 ü ñ.bin'],
    ['❤️.png', '❤️.png'],
    ['back\\slash', 'back_slash'],
    ['C:\\Windows', 'C__Windows'],
    ['<>:"|?*', '_______'],
    ['nul\u0000byte', 'nul_byte'],
    ['tab\tline\nbell\u0007del\u007fc1\u0085', 'tab_line_bell_del_c1_'],
    ['exe\u202etxt.cod', 'exe_txt.cod'],
    ['bidi\u2066\u2069\u061c\u200e', 'bidi____'],
    ['zero\u200bwidth\u200d\u2060\ufeff', 'zero_width___'],
    ['soft\u00adhyphen\u034f\u3164', 'soft_hyphen__'],
    ['lines\u2028\u2029', 'lines__'],
    ['tag\u{e0041}', 'tag_'],
    ['lone\ud800x', 'lone_x'],
    ['was malformed \ufffd', 'was malformed _'],
    ['dot.', 'dot_'],
    ['dots...', 'dots___'],
    ['...', '___'],
    ['.. ', '___'],
    ['space ', 'space_'],
    ['mixed. .', 'mixed___'],
  ])('makes %j into %j', (text, safe) => {
    expect(safeComponent(text)).toBe(safe);
  });

  it.each([
    'CON',
    'con',
    'Nul',
    'PRN.txt',
    'aux.tar.gz',
    'COM1',
    'com0',
    'LPT9.x',
    'COM¹',
    'lpt³.a',
    'CONIN$',
    'NUL .txt',
  ])('keeps %j off the devices of Windows', (text) => {
    expect(safeComponent(text)).toBe(`_${text}`);
  });

  it.each(['CONSOLE', 'COM', 'COM10', 'NULL.txt', 'a.NUL', 'auxiliary', 'LPT', 'nulx'])(
    'leaves %j alone',
    (text) => {
      expect(safeComponent(text)).toBe(text);
    },
  );

  it('cuts what is longer than 255 bytes, between characters and before the extension', () => {
    expect(safeComponent('x'.repeat(300))).toBe('x'.repeat(255));
    expect(safeComponent(`${'x'.repeat(300)}.tar`)).toBe(`${'x'.repeat(251)}.tar`);
    expect(safeComponent(`${'ä'.repeat(200)}.b`)).toBe(`${'ä'.repeat(126)}.b`);
    expect(safeComponent('😀'.repeat(100))).toBe('😀'.repeat(63));
    expect(safeComponent(`${'x'.repeat(254)}.${'y'.repeat(50)}`)).toBe(`${'x'.repeat(254)}_`);
    expect(safeComponent('x'.repeat(255))).toBe('x'.repeat(255));
  });

  it('gives names that it leaves as they are and that every platform takes, whatever comes in', () => {
    const nasty = fc.constantFrom(
      '.',
      ' ',
      'con',
      'NUL',
      '\u202e',
      '\u0000',
      ':',
      'é',
      'e\u0301',
      '😀',
      'x'.repeat(250),
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(nasty).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (name) => {
        const safe = safeComponent(name);
        if (safe === undefined) return;
        expect(safeComponent(safe)).toBe(safe);
        expect(bytesOf(safe).length).toBeLessThanOrEqual(255);
        // oxlint-disable-next-line no-control-regex -- the characters that no file name may have
        expect(safe).not.toMatch(/[\u0000-\u001f<>:"/\\|?*]|[. ]$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('judges bytes as it judges their text', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom('CON', 'aux.x', 'con$', 'COM7', 'Prn ', 'a.', '', '..', 'Nun', 'x'.repeat(256)),
    );
    fc.assert(
      fc.property(fc.array(names), (list) => {
        const source = bytesOf(list.join(''));
        const window = new AsciiWindow(source);
        let at = 0;
        for (const name of list) {
          const end = at + bytesOf(name).length;
          expect(safeComponentOfBytes(source, at, end, window)).toBe(safeComponent(name));
          at = end;
        }
      }),
    );
  });

  it('replaces malformed UTF-8', () => {
    const bytes = Uint8Array.of(0x61, 0xff, 0x62, 0xc3);
    expect(safeComponentOfBytes(bytes, 0, 4)).toBe('a_b_');
    // An overlong slash is not a slash.
    expect(safeComponentOfBytes(Uint8Array.of(0xc0, 0xaf), 0, 2)).toBe('__');
  });
});

describe('foldedHash', () => {
  it('is what plainHash says of plain names, whatever their case', () => {
    const plain = fc.stringMatching(/^[aAbBzZ019 ._~[(x-]{1,12}$/);
    fc.assert(
      fc.property(plain, (name) => {
        const hash = plainHash(bytesOf(name), 0, name.length);
        if (hash === NOT_PLAIN) return;
        expect(safeComponent(name)).toBe(name);
        expect(foldedHash(name)).toBe(hash);
        expect(foldedHash(name.toUpperCase())).toBe(hash);
      }),
    );
    expect(plainHash(bytesOf('A plain name.txt'), 0, 16)).toBe(foldedHash('a PLAIN name.txt'));
  });

  it('is the same for names that fold to the same, also to plain ones', () => {
    expect(foldedHash('\u212aelvin')).toBe(plainHash(bytesOf('kelvin'), 0, 6));
    expect(foldedHash('caf\u00e9')).toBe(foldedHash('CAFE\u0301'));
  });
});

describe('foldedName', () => {
  it.each([
    ['README', 'readme'],
    ['Ärger', 'äRGER'],
    ['caf\u00e9', 'cafe\u0301'],
    ['straße', 'STRASSE'],
    ['ΣΑΣ', 'σας'],
    ['ﬁle', 'FILE'],
    ['Kelvin', '\u212aelvin'],
  ])('finds that %s and %s are the same somewhere', (a, b) => {
    expect(foldedName(a)).toBe(foldedName(b));
  });

  it('keeps different names apart', () => {
    expect(new Set(['a', 'b', 'ä', 'a1', 'a_'].map(foldedName)).size).toBe(5);
  });
});

describe('numberedComponent', () => {
  it('puts the number before the extension and stays within the length', () => {
    expect(numberedComponent('a.txt', 2)).toBe('a~2.txt');
    expect(numberedComponent('Makefile', 13)).toBe('Makefile~13');
    expect(numberedComponent('.profile', 2)).toBe('.profile~2');
    expect(numberedComponent(`${'x'.repeat(251)}.txt`, 10)).toBe(`${'x'.repeat(248)}~10.txt`);
  });
});
