import { setTimeout as wait } from 'node:timers/promises';
import { sentKey } from '../../store/keys.js';
import type { Note } from '../../store/lease.js';
import type { Store } from '../../store/store.js';
import type { StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { Connection } from '../connection.js';
import type { Vault } from '../vault.js';
import { unavailable } from './failure.js';
import { fingerprint, rotates } from './refreshed-connection.js';

/** Milliseconds for which a sender may be trying to save what it was given: longer than its lock lives without the store. */
const noteLifeMs = 60_000;
/** The same where the server rotates refresh tokens: a process that is stopped has the only copy of the new ones. */
const rotatingNoteLifeMs = 600_000;
/** Milliseconds that such a sender is waited for. Once it can reach the store it needs a fraction of this. */
const senderTimeoutMs = 3_000;
/** Milliseconds until it is asked whether the sender lives at all; it connects again within half a second. */
const checkAfterMs = 1_250;
const fingerprintLength = 22;

interface Dependencies {
  store: Store;
  vault: Vault;
}

interface SentToken {
  /** Names the refresh token. */
  of: string;
  /** By which other processes see whether the sender lives. */
  presence: string;
}

/** Records that this process sends the connection's refresh token. Sealed, so that no other program makes one up. */
export function noteOf(
  { store, vault }: Dependencies,
  { slot, cell }: ConnectionRef,
  connection?: Connection,
): Note | undefined {
  const refreshToken = connection?.tokens?.refreshToken;
  if (refreshToken === undefined) return undefined;
  const key = sentKey(slot, cell);
  const sent: SentToken = { of: fingerprint(refreshToken), presence: store.presence() ?? '' };
  return { key, value: vault.seal(key, sent), ttlMs: rotates(connection) ? rotatingNoteLifeMs : noteLifeMs };
}

/** Release 0.2 writes the fingerprint and the presence as plain text. Only the holder of the refresh token can name it. */
function readNote(vault: Vault, key: string, note: Buffer | undefined): SentToken | undefined {
  if (!note) return undefined;
  const opened = vault.open(key, note);
  if (opened) return opened.value as SentToken;
  const text = note.toString('latin1');
  return { of: text.slice(0, fingerprintLength), presence: text.slice(fingerprintLength) };
}

/** After the request came to an end, or was not sent at all. */
export async function withdrawNote(store: Store, note: Note | undefined): Promise<void> {
  if (!note) return;
  const { key, value } = note;
  await store.commit([{ key, equals: value }], [{ key, delete: true }]).catch(() => undefined);
}

/**
 * A lock can end while its owner lives and has the new tokens in hand: the store was away for longer than the lock lives, or
 * the process was stopped. Sending the refresh token a second time may end the grant, and so the sender is given a moment to
 * save. `written`: another process wrote the record meanwhile. Throws GatehouseError refresh_unavailable where the server
 * rotates refresh tokens and the sender may still live: there a second use would end the grant for certain.
 */
export async function waitForSender(
  { store, vault }: Dependencies,
  { key, slot, cell, provider }: ConnectionRef,
  { sealed, connection }: StoredConnection,
  note: Buffer | undefined,
): Promise<'written' | 'free'> {
  const refreshToken = connection?.tokens?.refreshToken;
  const sent = readNote(vault, sentKey(slot, cell), note);
  if (refreshToken === undefined || sent?.of !== fingerprint(refreshToken)) return 'free';
  const { presence } = sent;
  const began = performance.now();
  while (performance.now() - began < senderTimeoutMs) {
    const current = await store.get(key);
    if (!current?.equals(sealed)) return 'written';
    if (presence !== '' && performance.now() - began > checkAfterMs && (await store.hasEnded(presence))) return 'free';
    await wait(100);
  }
  if (rotates(connection)) throw unavailable(provider, 2);
  return 'free';
}
