/** `24.6 MB`. */
export function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `1.03 ×`. */
export function timesPayload(bytes: number, payloadBytes: number): string {
  return `${(bytes / payloadBytes).toFixed(2)} ×`;
}
