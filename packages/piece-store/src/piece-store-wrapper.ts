import type { PayloadLayout } from './payload-layout.ts';
import type { CommitOptions, CommitOutcome, PieceBuffer, PieceStore, VerifyOptions } from './piece-store.ts';
import type { StoreError } from './store-error.ts';

/** A store that passes everything on to another; wrappers override what they change. */
export class PieceStoreWrapper implements PieceStore {
  protected readonly inner: PieceStore;

  constructor(inner: PieceStore) {
    this.inner = inner;
  }

  get layout(): PayloadLayout {
    return this.inner.layout;
  }

  get verifiedCount(): number {
    return this.inner.verifiedCount;
  }

  get published(): boolean {
    return this.inner.published;
  }

  has(piece: number): boolean {
    return this.inner.has(piece);
  }

  verifiedBits(): Uint8Array {
    return this.inner.verifiedBits();
  }

  borrow(piece: number): PieceBuffer | undefined {
    return this.inner.borrow(piece);
  }

  giveBack(buffer: PieceBuffer): void {
    this.inner.giveBack(buffer);
  }

  commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    this.inner.commit(buffer, options, done);
  }

  read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    this.inner.read(piece, begin, targets, done);
  }

  verify(options?: VerifyOptions): Promise<void> {
    return this.inner.verify(options);
  }

  setWanted(files: readonly boolean[]): Promise<void> {
    return this.inner.setWanted(files);
  }

  publish(): Promise<void> {
    return this.inner.publish();
  }

  move(directory: string): Promise<void> {
    return this.inner.move(directory);
  }

  remove(options: { readonly data: boolean }): Promise<void> {
    return this.inner.remove(options);
  }

  flush(): Promise<void> {
    return this.inner.flush();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
