import type { RequestHeaderRules } from './request-headers.js';
import type { ResponseHeaderRules } from './response-headers.js';

/** One API call: where it goes, what is added to it, and how the answer is translated. */
export interface ForwardCall extends RequestHeaderRules, ResponseHeaderRules {
  readonly providerId: string;
  /** Statuses by which this API says that the token is not, or no longer, good. */
  readonly authFailureStatus: readonly number[];
  /**
   * Whether the body of a 2xx answer says so; absent where this API uses statuses alone. Only whole JSON answers of
   * at most 64 KiB are looked at; to that end they are held until they are complete.
   */
  readonly isAuthFailureBody?: ((body: Buffer) => boolean) | undefined;
  /**
   * Asked when such a status comes and the call can be repeated, before the caller sees anything, and told once more when it
   * comes again after that. `rawHeaders` are the answer's, flat. Resolves to the Authorization to repeat the call with, or to
   * undefined to pass the answer on. A call is repeated once.
   */
  readonly onAuthFailure?: ((status: number, rawHeaders: readonly string[]) => Promise<string | undefined>) | undefined;
}

/** Told once how a call ended: of an error, and then without an outcome, or of the outcome alone. */
export type ForwardDone = (error: unknown, outcome?: ForwardOutcome) => void;

export interface ForwardOutcome {
  /** Who decided what the caller got: the provider, this server, or the caller by going away. */
  readonly source: 'upstream' | 'gatehouse' | 'client_abort';
  /** The status sent to the caller, where one was. */
  readonly status?: number | undefined;
  /** Milliseconds from sending the call to the head of its answer; of a repeated call both times. */
  readonly upstreamMs?: number | undefined;
  /** When the head of the answer went out to the caller, by `performance.now`. */
  readonly answeredAt?: number | undefined;
  /** The call was sent a second time with another token. */
  readonly repeated?: boolean;
  /** The answer that the caller got says that the token is not good. */
  readonly unauthorized?: boolean;
  /** Why the answer broke off after it had begun; the caller's connection was torn down. For the log. */
  readonly brokenBy?: Error | undefined;
}
