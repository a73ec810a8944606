import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** A file of the page, as it is sent. */
export class DashboardFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
  #gzipped: Buffer | undefined;

  constructor(name: string, bytes: Buffer) {
    this.type = TYPES[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream';
    this.bytes = bytes;
    this.etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`;
  }

  /** Made when it is first wanted: most agents are never looked at. */
  get gzipped(): Buffer {
    return (this.#gzipped ??= gzipSync(this.bytes, { level: 9 }));
  }
}

/** The page as it was built: `index.html`, and what it loads, whose names say their content. */
export interface DashboardFiles {
  readonly index: DashboardFile;
  readonly assets: ReadonlyMap<string, DashboardFile>;
}

/** Undefined where the page was not built. */
export function readDashboardFiles(): DashboardFiles | undefined {
  const folder = PLACES.map((place) => new URL(place, import.meta.url)).find((url) =>
    existsSync(new URL('index.html', url)),
  );
  if (folder === undefined) return undefined;
  const read = (name: string): DashboardFile => new DashboardFile(name, readFileSync(new URL(name, folder)));
  const names = readdirSync(new URL('assets/', folder));
  return { index: read('index.html'), assets: new Map(names.map((name) => [name, read(`assets/${name}`)])) };
}

/** Beside this module, compiled or bundled; for the source, where the build puts it. */
const PLACES = ['./dashboard/', '../dist/dashboard/'];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
