/** What can be wrong with bytes from outside. */
export type WireErrorCode =
  | 'bencode-malformed'
  | 'bencode-too-deep'
  | 'bencode-too-large'
  | 'metainfo-invalid'
  | 'metainfo-unsupported'
  | 'magnet-invalid'
  | 'address-malformed'
  | 'handshake-invalid'
  | 'message-too-long'
  | 'message-malformed'
  | 'message-unexpected'
  | 'extension-malformed'
  | 'tracker-malformed'
  | 'tracker-failure'
  | 'announce-malformed';

/** The only error that this package throws or reports for input it did not produce itself. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
