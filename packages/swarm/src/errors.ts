/** What an order to the engine, or its world, can fail with. */
export type EngineErrorCode =
  | 'option-invalid'
  | 'torrent-exists'
  | 'torrent-unknown'
  | 'torrent-invalid'
  | 'listen-failed'
  | 'metadata-unavailable'
  | 'not-ready'
  | 'tracker-failed'
  | 'storage-failed'
  | 'engine-closed';

/** The only error of this package that callers see; the cause is kept. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
