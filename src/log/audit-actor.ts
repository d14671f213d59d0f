import { createHmac } from 'node:crypto';
import type { LogFields } from './fields.js';

/** Who did something, as those know it who do it. What is logged of it opens nothing: see `auditActor`. */
export interface Actor {
  /** The browser id of the session, or the slot of an application's own connection. */
  slot?: string | undefined;
  /** The subject that the embedding application gave the session. */
  owner?: string | undefined;
  trace?: { requestId: string; traceparent: string } | undefined;
}

/**
 * The fields that say who it was: the same session and the same owner have the same name in every line as long as the first
 * SESSION_SECRET stays, and nobody without it can tell which session or person that is.
 */
export function auditActor(key: string): (actor: Actor) => LogFields {
  const name = (kind: string, value: string) =>
    createHmac('sha256', key).update(`gatehouse audit ${kind}\n${value}`).digest('base64url').slice(0, 16);
  return ({ slot, owner, trace }) => ({
    audit: true,
    ...(slot === undefined ? {} : { session: name('session', slot) }),
    ...(owner === undefined ? {} : { owner: name('owner', owner) }),
    ...(trace === undefined ? {} : traceFields(trace)),
  });
}

/** What every line of a request carries. */
export function traceFields({ requestId, traceparent }: NonNullable<Actor['trace']>): LogFields {
  return { request_id: requestId, traceparent };
}
