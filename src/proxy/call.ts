import type { IncomingHttpHeaders } from 'node:http';
import type { GatehouseError } from '../errors.js';
import type { ClientTls } from '../http/client.js';
import type { Parties } from './places.js';
import type { RequestHeaderRules } from './request-headers.js';
import type { ResponseHeaderRules } from './response-headers.js';

/** One API call: where it goes, what is added to it, and how the response is translated. */
export interface ForwardCall extends RequestHeaderRules, ResponseHeaderRules {
  readonly providerId: string;
  /** Who makes the call, for the fair share of the places at the API. */
  readonly parties: Parties;
  /** The client's certificate, where the API asks for it. */
  readonly certificate?: ClientTls | undefined;
  /** The parameter of the query that carries the token, where no header does. It is struck from the response's headers. */
  readonly tokenParameter?: string | undefined;
  /** The methods that this path may be called with. */
  readonly methods: readonly string[];
  /** Milliseconds from the call to the head of its response. */
  readonly timeoutMs?: number | undefined;
  /**
   * Judges the body, whole and in memory (1 MiB at most), and gives what goes on in its place. Throws GatehouseError; nothing
   * is sent then. Absent: the body goes on as it comes.
   */
  readonly judgeBody?: ((body: Buffer, headers: IncomingHttpHeaders) => Buffer) | undefined;
  /** Largest request body in bytes. */
  readonly maxBodyBytes?: number | undefined;
  /** Statuses by which this API says that the token is not, or no longer, good. */
  readonly authFailureStatus: readonly number[];
  /**
   * Whether the body of a 2xx response says so; absent where this API uses statuses alone. Only whole JSON responses of
   * at most 64 KiB are looked at; to that end they are held until they are complete.
   */
  readonly isAuthFailureBody?: ((body: Buffer) => boolean) | undefined;
  /**
   * Asked when such a status comes, before the caller sees anything, and once more when it comes again after that.
   * `rawHeaders` are the response's, flat. Resolves to the Authorization to repeat the call with, or to undefined to pass the
   * response on. A call is repeated once, and never where its body is not kept, or where it may have done its work.
   */
  readonly onAuthFailure?: ((status: number, rawHeaders: readonly string[]) => Promise<string | undefined>) | undefined;
}

/** A call under way. */
export interface CallUnderWay {
  /** Ends it: with this error where the response has not begun, and otherwise by breaking the response off. */
  end(error: GatehouseError): void;
}

/** Called once when a call ended: with an error, and then without an outcome, or with the outcome alone. */
export type ForwardDone = (error: unknown, outcome?: ForwardOutcome) => void;

export interface ForwardOutcome {
  /** Who decided what the caller got: the provider, this server, or the caller by going away. */
  readonly source: 'upstream' | 'gatehouse' | 'client_abort';
  /** The status sent to the caller, where one was. */
  readonly status?: number | undefined;
  /** Milliseconds from sending the call to the head of its response; of a repeated call both times. */
  readonly upstreamMs?: number | undefined;
  /** When the head of the response went out to the caller, by `performance.now`. */
  readonly answeredAt?: number | undefined;
  /** The call was sent a second time with another token. */
  readonly repeated?: boolean;
  /** The response that the caller got says that the token is not good. */
  readonly unauthorized?: boolean;
  /** Why the response broke off after it had begun; the caller's connection was torn down. For the log. */
  readonly brokenBy?: Error | undefined;
}
