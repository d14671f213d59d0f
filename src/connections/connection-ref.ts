import type { Actor } from '../log/audit-actor.js';
import { applicationSlot, connectionKey } from '../store/keys.js';
import type { Provider } from '../providers/provider.js';
import type { Holder } from './holder.js';

/** Whose connection it is, and so where it is kept and what must be true when it is written. */
export interface ConnectionRef extends Holder {
  provider: Provider;
  cell: string;
  /** Of its record. */
  key: string;
  /** For the audit trail: which request it is. */
  trace?: Actor['trace'];
}

export function connectionRef(
  { slot, guards, rewriteGuards = guards, ttlMs, owner }: Holder,
  provider: Provider,
  cell: string,
  trace?: Actor['trace'],
): ConnectionRef {
  return { provider, slot, cell, key: connectionKey(slot, cell), guards: rewriteGuards, ttlMs, owner, trace };
}

/** The operator's own application (client credentials): one record for all users, tied to no session. */
export function applicationRef(provider: Provider, trace?: Actor['trace']): ConnectionRef {
  const dayMs = 86_400_000;
  const holder = { slot: applicationSlot(provider.id), guards: [], ttlMs: () => dayMs };
  return connectionRef(holder, provider, provider.id, trace);
}
