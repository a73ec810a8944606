import { PieceStoreWrapper } from './piece-store-wrapper.ts';
import type { CommitOptions, CommitOutcome, PieceBuffer, PieceStore } from './piece-store.ts';
import type { StoreError } from './store-error.ts';
import type { OpenRequest, Storage } from './storage.ts';

/** Something that is about to be done. */
export interface StoreOperation {
  readonly type: 'open' | 'commit' | 'read' | 'publish' | 'flush';
  /** Info-hash in hex. */
  readonly id: string;
  /** Of a commit or read. */
  readonly piece?: number;
}

/** The script of failures: the error that an operation meets, or undefined to let it happen. Asked once for each, in order. */
export type FaultScript = (operation: StoreOperation) => StoreError | undefined;

/** A storage that fails as scripted: disk full for the next n commits, or between two times by the script's own clock. */
export class FaultyStorage implements Storage {
  readonly #inner: Storage;
  readonly #script: FaultScript;
  readonly #defer: (task: () => void) => void;

  /** `defer` runs a task in a later turn, for failures that are told by callback. */
  constructor(
    inner: Storage,
    options: { readonly script: FaultScript; readonly defer: (task: () => void) => void },
  ) {
    this.#inner = inner;
    this.#script = options.script;
    this.#defer = options.defer;
  }

  async open(request: OpenRequest): Promise<PieceStore> {
    const error = this.#script({ type: 'open', id: request.id });
    if (error !== undefined) throw error;
    return new FaultyStore(await this.#inner.open(request), request.id, this.#script, this.#defer);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

class FaultyStore extends PieceStoreWrapper {
  readonly #id: string;
  readonly #script: FaultScript;
  readonly #defer: (task: () => void) => void;

  constructor(inner: PieceStore, id: string, script: FaultScript, defer: (task: () => void) => void) {
    super(inner);
    this.#id = id;
    this.#script = script;
    this.#defer = defer;
  }

  override commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    const error = this.#script({ type: 'commit', id: this.#id, piece: buffer.piece });
    if (error === undefined) super.commit(buffer, options, done);
    else this.#defer(() => done({ type: 'failed', error }));
  }

  override read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    const error = this.#script({ type: 'read', id: this.#id, piece });
    if (error === undefined) super.read(piece, begin, targets, done);
    else this.#defer(() => done(error));
  }

  override publish(): Promise<void> {
    const error = this.#script({ type: 'publish', id: this.#id });
    return error === undefined ? super.publish() : Promise.reject(error);
  }

  override flush(): Promise<void> {
    const error = this.#script({ type: 'flush', id: this.#id });
    return error === undefined ? super.flush() : Promise.reject(error);
  }
}
