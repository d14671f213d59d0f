const heldBytes = 65_536;

/** An answer that waits for the decision whether the call is repeated, with the beginning of its body. */
export class HeldAnswer {
  readonly chunks: Buffer[] = [];
  /** The whole body is here. */
  ended = false;
  /** The answer broke off while it waited. */
  error: Error | undefined;
  #bytes = 0;

  constructor(
    readonly status: number,
    readonly reason: string,
    readonly raw: readonly string[],
  ) {}

  /** False when enough is held and the upstream has to wait. */
  add(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes <= heldBytes;
  }
}
