/** A bounded answer to a GET. */
export interface HttpResponse {
  readonly status: number;
  /** Decoded (gzip, deflate), at most `bodyMax` bytes. */
  readonly body: Uint8Array;
}

export interface HttpRequestOptions {
  readonly timeoutMs: number;
  /** A longer body fails the request, also when it only becomes long by decompression. */
  readonly bodyMax: number;
}

/** HTTP(S) GET for trackers: TLS verified, redirects bounded and re-checked, host policy applied. Rejects with an `Error` that says what failed. */
export interface Http {
  get(url: string, options: HttpRequestOptions): Promise<HttpResponse>;
}
