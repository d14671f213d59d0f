import type { Actor } from '../log/audit-actor.js';
import { applicationSlot, connectionKey, sessionKey } from '../store/keys.js';
import type { Guard } from '../store/store.js';
import type { Provider } from '../providers/provider.js';

/** Whose connection it is, and so where it is kept and what must be true when it is written. */
export interface ConnectionRef {
  provider: Provider;
  slot: string;
  key: string;
  /** A session's connection is only ever written while the session lives. */
  guards: readonly Guard[];
  /** Milliseconds that a record written now may live. */
  ttlMs: () => number;
  /** For the audit trail: whose request it is, and which one. */
  owner?: Actor['owner'];
  trace?: Actor['trace'];
}

export function sessionRef(
  provider: Provider,
  slot: string,
  ttlMs: () => number,
  owner?: Actor['owner'],
  trace?: Actor['trace'],
): ConnectionRef {
  const guards = [{ key: sessionKey(slot), exists: true }];
  return { provider, slot, key: connectionKey(slot, provider.id), guards, ttlMs, owner, trace };
}

/** The operator's own application (client credentials): one record for all users, tied to no session. */
export function applicationRef(provider: Provider, trace?: Actor['trace']): ConnectionRef {
  const slot = applicationSlot(provider.id);
  const day = 86_400_000;
  return { provider, slot, key: connectionKey(slot, provider.id), guards: [], ttlMs: () => day, trace };
}
