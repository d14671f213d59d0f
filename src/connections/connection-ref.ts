import type { Actor } from '../log/audit-actor.js';
import { applicationTag, connectionKey, sessionKey } from '../store/keys.js';
import type { Guard } from '../store/store.js';
import type { Provider } from '../providers/provider.js';

/** Whose connection it is, and so where it is kept and what must be true when it is written. */
export interface Holder {
  provider: Provider;
  tag: string;
  key: string;
  /** A session's connection is only ever written while the session lives. */
  guards: readonly Guard[];
  /** Milliseconds that a record written now may live. */
  ttlMs: () => number;
  /** For the audit trail: whose request it is, and which one. */
  owner?: Actor['owner'];
  trace?: Actor['trace'];
}

export function sessionHolder(
  provider: Provider,
  tag: string,
  ttlMs: () => number,
  owner?: Actor['owner'],
  trace?: Actor['trace'],
): Holder {
  const guards = [{ key: sessionKey(tag), exists: true }];
  return { provider, tag, key: connectionKey(tag, provider.id), guards, ttlMs, owner, trace };
}

/** The operator's own application (client credentials): one record for all users, tied to no session. */
export function applicationHolder(provider: Provider, trace?: Actor['trace']): Holder {
  const tag = applicationTag(provider.id);
  const day = 86_400_000;
  return { provider, tag, key: connectionKey(tag, provider.id), guards: [], ttlMs: () => day, trace };
}
