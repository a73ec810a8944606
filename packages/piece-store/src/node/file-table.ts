import type { LayoutFile, PayloadLayout } from '../payload-layout.ts';
import { extentsOf } from '../piece-geometry.ts';
import type { JobExtent } from './disk-job.ts';
import type { Place, Places } from './places.ts';

/** True for what has a file on disk: neither padding nor a symbolic link. */
export function isContent(file: LayoutFile): boolean {
  return !file.padding && file.symlink === undefined;
}

/** Which file of a payload is where, and which are on disk. */
export class FileTable {
  readonly layout: PayloadLayout;
  places: Places;
  readonly #place: Place[];
  readonly #onDisk: Uint8Array;

  /** Nothing is on disk yet; unwanted files are parked when their bytes come. */
  constructor(layout: PayloadLayout, places: Places, wanted: readonly boolean[] | undefined) {
    this.layout = layout;
    this.places = places;
    this.#place = layout.files.map((_, file) => ((wanted?.[file] ?? true) ? 'staged' : 'parked'));
    this.#onDisk = new Uint8Array(layout.files.length);
  }

  placeOf(file: number): Place {
    return this.#place[file]!;
  }

  setPlace(file: number, place: Place): void {
    this.#place[file] = place;
  }

  /** True when the file was seen on disk in its full length. */
  onDisk(file: number): boolean {
    return this.#onDisk[file] === 1;
  }

  setOnDisk(file: number, there: boolean): void {
    this.#onDisk[file] = there ? 1 : 0;
  }

  path(file: number): string {
    return this.places.path(file, this.#place[file]!);
  }

  /** A piece was written: its files are there now. */
  pieceOnDisk(piece: number): void {
    for (const { file } of extentsOf(this.layout, piece)) this.#onDisk[file] = 1;
  }

  /** The file whose path is `path` among those that `piece` touches. */
  fileAt(piece: number, path: string | undefined): number | undefined {
    return extentsOf(this.layout, piece).find(({ file }) => this.path(file) === path)?.file;
  }

  /** A piece's extents as jobs name them: padding without a path. */
  jobExtents(piece: number): JobExtent[] {
    return extentsOf(this.layout, piece).map(({ file, fileOffset, length }) => {
      const entry = this.layout.files[file]!;
      return {
        path: entry.padding ? '' : this.path(file),
        offset: fileOffset,
        length,
        fileLength: entry.length,
        create: this.#onDisk[file] !== 1,
        root: this.#place[file] === 'published' ? this.places.root('published') : this.places.staging,
      };
    });
  }
}
