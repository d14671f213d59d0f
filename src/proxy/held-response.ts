const heldBytes = 65_536;

/** A response that waits for the decision whether the call is repeated, with the beginning of its body. */
export class HeldResponse {
  readonly chunks: Buffer[] = [];
  /** The whole body is here. */
  ended = false;
  /** The response broke off while it waited. */
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

/** Whether a response is JSON that can be read as it is, and not known to be more than is held. */
export function isReadable(status: number, raw: readonly string[]): boolean {
  if (status < 200 || status > 299) return false;
  let json = false;
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value = ''] = [raw[at]?.toLowerCase(), raw[at + 1]?.toLowerCase()];
    if (name === 'content-type') json = /^application\/([\w.-]+\+)?json\b/.test(value);
    else if (name === 'content-encoding' && value !== 'identity') return false;
    else if (name === 'content-length' && Number(value) > heldBytes) return false;
  }
  return json;
}
