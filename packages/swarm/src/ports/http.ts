/** A bounded answer to a GET. */
export interface HttpResponse {
  readonly status: number;
  /** Decoded (gzip, deflate), at most `bodyMax` bytes. */
  readonly body: Uint8Array;
}

export interface HttpRequestOptions {
  /** Over the whole exchange: name resolution, redirects and body included. */
  readonly timeoutMs: number;
  /** A longer body fails the request, also when it only becomes long by decompression. */
  readonly bodyMax: number;
  /** Connects over this address family only; a host without such an address fails with `no-address`. Default: either. */
  readonly family?: 4 | 6;
  /** An administrator named this URL, so its own host (not the target of a redirect) may be a loopback address. Default false. */
  readonly trusted?: boolean;
  /** When it settles, the request is given up and fails with `cancelled`. */
  readonly until?: Promise<void>;
}

/** Why a request failed before there was an answer; everything else of the platform is `unreachable`. */
export type HttpErrorCode =
  | 'url-invalid'
  | 'scheme-refused'
  | 'host-refused'
  | 'no-address'
  | 'unreachable'
  | 'timeout'
  | 'cancelled'
  | 'redirects-too-many'
  | 'body-too-large'
  | 'encoding-invalid';

/** What `Http.get` rejects with; the platform's error is kept as cause. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** HTTP(S) GET for trackers: TLS verified, redirects bounded and re-checked, host policy applied. Rejects with an `HttpError` that says what failed. */
export interface Http {
  get(url: string, options: HttpRequestOptions): Promise<HttpResponse>;
}
