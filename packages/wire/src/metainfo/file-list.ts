/*
 * The `files` list of a v1 info dictionary, BEP 3 and 47. It may have a hundred thousand entries, so it is read straight from
 * the tape, and what entries share (their folders) is read once.
 */
import { BYTES, DICTIONARY, INTEGER, LIST, NONE, type TokenTape } from '../bencode/token-tape.ts';
import { AsciiWindow } from '../text.ts';
import { WireError } from '../wire-error.ts';
import type { FileEntry } from './metainfo.ts';
import { FILE_COUNT_MAX } from './metainfo-limits.ts';
import { type Folder, rootFolder } from './payload-tree.ts';
import { COMPONENTS_MAX, foldedHash, NOT_PLAIN, plainHash, safeComponentOfBytes } from './safe-path.ts';

/** Reads the list at token `list` into entries with safe, distinct paths. Throws `WireError` `metainfo-invalid`. */
export function readFiles(tape: TokenTape, list: number): FileEntry[] {
  return new FileListReader(tape, list).read();
}

/** The tokens of one entry's fields, `NONE` when absent. */
interface Fields {
  length: number;
  attr: number;
  path: number;
  pathUtf8: number;
  symlink: number;
}

/** A folder, and the string that last named it. */
interface KnownFolder {
  readonly parent: Folder;
  readonly token: number;
  readonly folder: Folder;
}

/** Folders kept at hand; a power of two. */
const KNOWN_MAX = 4096;

/** A dictionary, `length` and its value, `path`, its list and one name in that. */
const ENTRY_TOKENS_MIN = 6;

/** BEP 47 flags of an entry. */
export interface Attributes {
  padding: boolean;
  executable: boolean;
  hidden: boolean;
  link: boolean;
}

const NO_ATTRIBUTES: Readonly<Attributes> = { padding: false, executable: false, hidden: false, link: false };

class FileListReader {
  readonly #tape: TokenTape;
  readonly #list: number;
  readonly #window: AsciiWindow;
  readonly #files: FileEntry[] = [];
  /** Positions of links in `#files`: their targets are settled when all names are known. */
  readonly #links: number[] = [];
  readonly #fields: Fields = { length: NONE, attr: NONE, path: NONE, pathUtf8: NONE, symlink: NONE };
  readonly #root: Folder;
  /** Some folders, each where a hash of its name points: a name that comes again soon is not read again. */
  readonly #known: (KnownFolder | undefined)[] = Array.from({ length: KNOWN_MAX });
  #offset = 0;

  constructor(tape: TokenTape, list: number) {
    this.#tape = tape;
    this.#list = list;
    this.#window = new AsciiWindow(tape.source);
    // One of the tokens of an entry is its name; folders, which are fewer, come on top.
    this.#root = rootFolder((tape.next(list) - list) / ENTRY_TOKENS_MIN);
  }

  read(): FileEntry[] {
    const list = this.#list;
    const end = this.#tape.next(list);
    for (let entry = list + 1; entry < end; entry = this.#tape.next(entry)) {
      if (this.#files.length === FILE_COUNT_MAX) throw this.#invalid(`more than ${FILE_COUNT_MAX} files`);
      this.#files.push(this.#entry(entry));
    }
    if (this.#files.length === 0) throw this.#invalid('`files` is empty');
    for (const index of this.#links) this.#settleLink(index);
    return this.#files;
  }

  #entry(entry: number): FileEntry {
    this.#readFields(entry);
    const { attr } = this.#fields;
    const attributes = attributesOf(this.#tape, attr);
    const length = this.#length(attributes.link);
    const offset = this.#offset;
    this.#offset += length;
    if (!Number.isSafeInteger(this.#offset))
      throw this.#invalid('the files are longer than 2^53 bytes together');
    const { padding, executable, hidden } = attributes;
    if (padding) return { path: ['.pad', String(length)], length, offset, padding, executable, hidden };
    if (!attributes.link) return { path: this.#path('file'), length, offset, padding, executable, hidden };
    this.#links.push(this.#files.length);
    const symlink = this.#target();
    return { path: this.#path('link'), length, offset, padding, executable, hidden, symlink };
  }

  #readFields(entry: number): void {
    const tape = this.#tape;
    if (tape.kind(entry) !== DICTIONARY) throw this.#invalid('it is not a dictionary');
    const fields = this.#fields;
    fields.length = fields.attr = fields.path = fields.pathUtf8 = fields.symlink = NONE;
    const end = tape.next(entry);
    for (let key = entry + 1; key < end; key = tape.next(key + 1)) {
      if (tape.isText(key, 'length')) fields.length = key + 1;
      else if (tape.isText(key, 'path')) fields.path = key + 1;
      else if (tape.isText(key, 'attr')) fields.attr = key + 1;
      else if (tape.isText(key, 'path.utf-8')) fields.pathUtf8 = key + 1;
      else if (tape.isText(key, 'symlink path')) fields.symlink = key + 1;
    }
  }

  #length(link: boolean): number {
    const token = this.#fields.length;
    // BEP 47: a link takes no space, and its length may be left out.
    if (token === NONE && link) return 0;
    const length =
      token !== NONE && this.#tape.kind(token) === INTEGER ? this.#tape.integer(token) : undefined;
    if (typeof length !== 'number' || length < 0) {
      throw this.#invalid('`length` is not a number of bytes below 2^53');
    }
    if (link && length !== 0) throw this.#invalid(`it is a symbolic link with ${length} bytes of content`);
    return length;
  }

  /** The entry's path with its name taken in the payload. */
  #path(as: 'file' | 'link'): string[] {
    const tape = this.#tape;
    const { path, pathUtf8 } = this.#fields;
    const list = pathUtf8 !== NONE && tape.kind(pathUtf8) === LIST ? pathUtf8 : path;
    const end = this.#checkedEnd(list, 'path');
    let folder = this.#root;
    let token = list + 1;
    // Strings have no children: the next token is the next component.
    for (; token < end - 1; token++) folder = this.#folder(folder, token);
    return below(folder.path, this.#taken(folder, token, as));
  }

  /** The name at `token`, taken in `folder`. */
  #taken(folder: Folder, token: number, as: 'file' | 'link'): string {
    const tape = this.#tape;
    const from = tape.from(token);
    const to = tape.to(token);
    let hash = tape.kind(token) === BYTES ? plainHash(tape.source, from, to) : NOT_PLAIN;
    let name: string;
    if (hash === NOT_PLAIN) {
      name = this.#component(token, 'path');
      hash = foldedHash(name);
    } else name = this.#window.text(from, to);
    return as === 'file' ? folder.file(name, hash) : folder.link(name, hash);
  }

  #folder(parent: Folder, token: number): Folder {
    const place = this.#hash(parent, token) & (KNOWN_MAX - 1);
    const known = this.#known[place];
    if (known?.parent === parent && this.#same(known.token, token)) return known.folder;
    const folder = parent.folder(this.#component(token, 'path'));
    this.#known[place] = { parent, token, folder };
    return folder;
  }

  /** Of a string and the folder that it stands in. Who chooses strings by it only makes us read them again. */
  #hash(parent: Folder, token: number): number {
    const { source } = this.#tape;
    const to = this.#tape.to(token);
    let hash = parent.number;
    for (let at = this.#tape.from(token); at < to; at++) hash = Math.imul(hash, 31) + (source[at] ?? 0);
    return hash ^ (hash >>> 16);
  }

  #same(left: number, right: number): boolean {
    const { source } = this.#tape;
    if (this.#tape.kind(right) !== BYTES) return false;
    const from = this.#tape.from(left);
    const other = this.#tape.from(right);
    const length = this.#tape.to(left) - from;
    if (this.#tape.to(right) - other !== length) return false;
    for (let i = 0; i < length; i++) if (source[from + i] !== source[other + i]) return false;
    return true;
  }

  /** A link's target as the list names it; refused when it is no path inside the payload. */
  #target(): string[] {
    const list = this.#fields.symlink;
    const end = this.#checkedEnd(list, 'symlink path');
    const target: string[] = [];
    for (let token = list + 1; token < end; token++) target.push(this.#component(token, 'symlink path'));
    return target;
  }

  #settleLink(index: number): void {
    const file = this.#files[index];
    if (file?.symlink === undefined) return;
    this.#files[index] = { ...file, symlink: this.#root.resolve(file.symlink) };
  }

  /** The token after a list of strings that may be a path. */
  #checkedEnd(list: number, key: string): number {
    if (list === NONE || this.#tape.kind(list) !== LIST)
      throw this.#invalid(`\`${key}\` is missing or not a list`);
    const end = this.#tape.next(list);
    const first = list + 1;
    if (end === first) throw this.#invalid(`\`${key}\` is empty`);
    // Checked for children by the count of tokens: nested lists are refused as components below.
    if (end - first > COMPONENTS_MAX)
      throw this.#invalid(`\`${key}\` is deeper than ${COMPONENTS_MAX} folders`);
    return end;
  }

  #component(token: number, key: string): string {
    const tape = this.#tape;
    if (tape.kind(token) !== BYTES) throw this.#invalid(`\`${key}\` holds something that is not a string`);
    const safe = safeComponentOfBytes(tape.source, tape.from(token), tape.to(token), this.#window);
    if (safe === undefined) {
      throw this.#invalid(`\`${key}\` leaves the payload (a part is empty, \`.\`, \`..\` or has a slash)`);
    }
    return safe;
  }

  #invalid(what: string): WireError {
    return new WireError(
      'metainfo-invalid',
      `the torrent is invalid: file ${this.#files.length + 1}: ${what}`,
    );
  }
}

/**
 * The path of `name` in a folder. Literals where most files are: spreading leaves room for sixteen more components in each of
 * a hundred thousand arrays, and `concat` takes several times as long (measured).
 */
function below(folder: readonly string[], name: string): string[] {
  const first = folder[0] ?? '';
  const second = folder[1] ?? '';
  const third = folder[2] ?? '';
  if (folder.length === 0) return [name];
  if (folder.length === 1) return [first, name];
  if (folder.length === 2) return [first, second, name];
  return folder.length === 3 ? [first, second, third, name] : folder.concat(name);
}

/** Reads the BEP 47 flags at `token` (or `NONE`), in any order; unknown ones are ignored. */
export function attributesOf(tape: TokenTape, token: number): Readonly<Attributes> {
  if (token === NONE || tape.kind(token) !== BYTES) return NO_ATTRIBUTES;
  const attributes = { ...NO_ATTRIBUTES };
  for (const flag of tape.bytes(token)) {
    if (flag === FLAG_PADDING) attributes.padding = true;
    else if (flag === FLAG_EXECUTABLE) attributes.executable = true;
    else if (flag === FLAG_HIDDEN) attributes.hidden = true;
    else if (flag === FLAG_LINK) attributes.link = true;
  }
  return attributes;
}

const FLAG_PADDING = 0x70;
const FLAG_EXECUTABLE = 0x78;
const FLAG_HIDDEN = 0x68;
const FLAG_LINK = 0x6c;
