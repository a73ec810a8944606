/** What can go wrong with content at rest. */
export type StoreErrorCode =
  | 'disk-full'
  | 'permission-denied'
  | 'file-busy'
  | 'file-missing'
  | 'file-changed'
  | 'destination-exists'
  | 'too-many-open-files'
  | 'read-only'
  | 'io-failed'
  | 'source-unsupported'
  | 'closed';

/** The only error of this package. `path` names the thing; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly path: string | undefined;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions & { readonly path?: string }) {
    super(message, options);
    this.code = code;
    this.path = options?.path;
  }

  /** True when the same operation can succeed later without anybody changing the order: space freed, scanner gone. */
  get transient(): boolean {
    return TRANSIENT.has(this.code);
  }
}

const TRANSIENT: ReadonlySet<StoreErrorCode> = new Set([
  'disk-full',
  'permission-denied',
  'file-busy',
  'too-many-open-files',
  'read-only',
  'io-failed',
]);
