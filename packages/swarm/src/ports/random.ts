/** The engine's only source of chance; seeded in the simulator, cryptographic in Node. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  bytes(count: number): Uint8Array;
}
