import type { IncomingHttpHeaders } from 'node:http';
import { jsonReply } from '../reply.js';
import type { Reply } from '../reply.js';

export interface TokenCall {
  grantType: string;
  parameters: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** How the client authenticated itself. */
  authentication: 'client_secret_basic' | 'client_secret_post' | 'none';
  clientId: string | null;
  /** Why it was refused, for the test's eyes. */
  refusal?: string;
}

/** How a token answer departs from RFC 6749 sections 5.1 and 5.2. */
export interface TokenBend {
  /** Only for this grant_type; for every one when absent. */
  on?: 'authorization_code' | 'refresh_token' | 'client_credentials';
  /** Used up after so many calls. */
  times?: number;
  /** Passes before the call is looked at. */
  wait?: number | Promise<unknown>;
  /** Laid over the right answer; undefined removes a member. */
  body?: Record<string, unknown> | ((right: Record<string, unknown>) => Record<string, unknown>);
  /** How the answer is put on the wire. */
  written?: (reply: Reply) => Reply;
  /** Sent in place of the right answer. */
  reply?: Reply | ((call: TokenCall) => Reply | undefined);
  /** With `reply`: the code or refresh token is spent all the same, as when an answer is lost on the way. */
  spend?: boolean;
}

/** The first bend that is meant for this call; uses it up. */
export function takeTokenBend(bends: TokenBend | TokenBend[] | undefined, grantType: string): TokenBend | undefined {
  const found = [bends ?? []].flat().find(({ on, times }) => (on ?? grantType) === grantType && (times ?? 1) > 0);
  if (found?.times !== undefined) found.times--;
  return found;
}

export function bentTokenAnswer(right: Record<string, unknown>, { body, written }: TokenBend = {}): Reply {
  const changes = typeof body === 'function' ? body(right) : body;
  const reply = jsonReply({ ...right, ...changes });
  return written?.(reply) ?? reply;
}

/** An error answer of the token endpoint (RFC 6749 section 5.2). */
export function tokenError(error: string, status = error === 'invalid_client' ? 401 : 400): TokenBend {
  return { reply: jsonReply({ error, error_description: `no: ${error}` }, status) };
}
