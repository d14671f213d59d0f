/**
 * Why the token endpoint gave no tokens. The three outcomes that must never be mixed are dead_grant, configuration and
 * transient; `unrecognised` is a refusal for a reason that this server does not know, `malformed` a success that cannot
 * be used.
 */
export type TokenFailureKind = 'dead_grant' | 'configuration' | 'transient' | 'unrecognised' | 'malformed';

interface Context {
  /** Seconds. */
  retryAfter?: number | undefined;
  /** What the server said, cleaned, for the operator's log alone. */
  description?: string | undefined;
  cause?: unknown;
}

export class TokenEndpointError extends Error {
  override readonly name = 'TokenEndpointError';
  readonly retryAfter: number | undefined;
  readonly description: string | undefined;

  constructor(
    readonly kind: TokenFailureKind,
    /** A code of RFC 6749 or of the provider file where the server named one, else a word of ours. */
    readonly code: string,
    { retryAfter, description, cause }: Context = {},
  ) {
    super(`the token endpoint refused (${kind}, ${code})`, { cause });
    this.retryAfter = retryAfter;
    this.description = description;
  }
}
