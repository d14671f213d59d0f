import { setTimeout as wait } from 'node:timers/promises';
import { sentKey } from '../../store/keys.js';
import type { Note } from '../../store/lease.js';
import type { Store } from '../../store/store.js';
import type { StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import { fingerprint } from './refreshed-connection.js';

/** Milliseconds for which a holder may be trying to save what it was given: longer than its lock lives without the store. */
const noteLifeMs = 60_000;
/** Milliseconds that such a holder is waited for. Once it can reach the store it needs a fraction of this. */
const waitTimeoutMs = 3_000;
/** Milliseconds until it is asked whether the holder lives at all; it connects anew within half a second. */
const silenceMs = 1_250;
const fingerprintLength = 22;

/** Says that this process sends the connection's refresh token, and by which name others see whether it lives. */
export function sentNote(store: Store, { slot, provider }: ConnectionRef, refreshToken: string): Note {
  const value = Buffer.from(fingerprint(refreshToken) + (store.presence() ?? ''), 'latin1');
  return { key: sentKey(slot, provider.id), value, ttlMs: noteLifeMs };
}

/**
 * A lock can end while its holder lives and has the new tokens in hand: the store was away for longer than the lock lives, and
 * both come back now. Sending the refresh token a second time would end the grant, and so the holder is given a moment to
 * save. True where somebody wrote the record meanwhile.
 */
export async function writtenByItsSender(
  store: Store,
  { key }: ConnectionRef,
  { sealed, connection }: StoredConnection,
  note: Buffer | undefined,
): Promise<boolean> {
  const refreshToken = connection?.tokens?.refreshToken;
  const text = note?.toString('latin1') ?? '';
  if (refreshToken === undefined || text.slice(0, fingerprintLength) !== fingerprint(refreshToken)) return false;
  const presence = text.slice(fingerprintLength);
  const began = performance.now();
  while (performance.now() - began < waitTimeoutMs) {
    const current = await store.get(key);
    if (!current?.equals(sealed)) return true;
    if (presence !== '' && performance.now() - began > silenceMs && (await store.hasEnded(presence))) return false;
    await wait(100);
  }
  return false;
}
