import { setTimeout as wait } from 'node:timers/promises';
import { takeLock } from '../connections/refresh/lock.js';
import { sealedWith } from '../connections/vault.js';
import { ownerIndexLifeMs } from '../sessions/owners/owner-slots.js';
import { ownerIndexKey } from '../store/keys.js';
import type { ExitCode, Surroundings } from './command.js';
import { keyUses } from './key-list.js';
import { asOperator, type Operator } from './operator.js';
import { readArguments } from './read-arguments.js';
import { storedRecords, type StoredRecord } from './stored-records.js';

type Outcome = 'resealed' | 'current' | 'unreadable' | 'gone' | 'busy';

/** Milliseconds that a connection which is being renewed is waited for. */
const timeoutMs = 20_000;

/** Encrypts every stored connection, and the lists of them, with the first key, so that the operator can remove older keys. */
export async function resealRecords(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  readArguments(args, {});
  const { write, note, progress } = surroundings;
  return asOperator(surroundings, async (operator) => {
    const counts = noOutcomes();
    const lists = noOutcomes();
    for await (const record of storedRecords(operator.servers)) {
      if (listKinds.has(record.kind)) lists[await resealList(operator, record)] += 1;
      if (record.kind !== 'connection') continue;
      counts[await reseal(operator, record)] += 1;
      progress(`${counts.resealed} encrypted again, ${counts.current} unchanged`);
    }
    lists[await resealOwnerIndex(operator)] += 1;
    progress('');
    const [first] = operator.configuration.encryptionKeys;
    const uses = await keyUses(operator, progress);
    const old = [...uses].filter(([id]) => id !== first?.id);
    progress('');
    operator.audit('operator.connections_resealed', { key: first?.id, connections: counts.resealed });
    write(`Encrypted again with ${first?.id ?? ''}: ${counts.resealed}. Unchanged: ${counts.current}.\n`);
    const [unreadable, busy] = [counts.unreadable + lists.unreadable, counts.busy + lists.busy];
    if (unreadable > 0)
      note(`${unreadable} cannot be read with the listed keys: the key is missing, or the record is damaged.\n`);
    if (busy > 0) note(`${busy} were being changed all the time: run it again.\n`);
    for (const [id, { connection, index, owner, person, candidate, attempt }] of old) {
      const passing = candidate + attempt;
      if (connection > 0) note(`${id} is still in use by ${connection} connections: keep it.\n`);
      else if (index > 0) note(`${id} is still in use by ${index} lists of connections: keep it.\n`);
      else if (owner > 0) note(`${id} is still in use by ${owner} records of owners: keep it.\n`);
      else if (person > 0)
        note(
          `${id} is still in use by ${person} sessions. Without it these people sign in again; nothing else is lost.\n`,
        );
      if (connection + index + owner === 0 && passing > 0)
        note(`${id} is still in use by ${passing} sign-ins under way; they end within 20 minutes. Remove it then.\n`);
    }
    for (const { id } of operator.configuration.encryptionKeys.slice(1))
      if (!uses.has(id)) write(`${id} is not in use any more: it can be taken out of ENCRYPTION_KEYS.\n`);
    return unreadable + busy > 0 ? 1 : 0;
  });
}

/** Lists of a holder's connections and sessions, and that there is an owner. */
const listKinds = new Set(['connections', 'sessions', 'owner']);

function noOutcomes(): Record<Outcome, number> {
  return { resealed: 0, current: 0, unreadable: 0, gone: 0, busy: 0 };
}

const maxTries = 100;

/** The list of a holder's connections: the server reads it again where it has changed under its hands. */
async function resealList({ store, vault }: Operator, { key, server }: StoredRecord): Promise<Outcome> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const sealed = await store.get(key);
    const ttlMs = await server.ttlMs(key);
    if (!sealed || ttlMs < 1) return 'gone';
    const opened = vault.open(key, sealed);
    if (!opened) return 'unreadable';
    if (opened.current) return 'current';
    const value = vault.seal(key, opened.value);
    if (await store.commit([{ key, equals: sealed }], [{ key, value, ttlMs }])) return 'resealed';
  }
  return 'busy';
}

/** The key under which the names of owners become slots. It stays the same: another one would lead to other slots. */
async function resealOwnerIndex({ store, vault }: Operator): Promise<Outcome> {
  const key = ownerIndexKey;
  const sealed = await store.get(key);
  if (!sealed) return 'gone';
  const opened = vault.open(key, sealed);
  if (!opened) return 'unreadable';
  if (opened.current) return 'current';
  const write = { key, value: vault.seal(key, opened.value), ttlMs: ownerIndexLifeMs };
  return (await store.commit([{ key, equals: sealed }], [write])) ? 'resealed' : 'busy';
}

/**
 * Under the lock of its refresh: a refresh that finds its record changed by somebody else would have to think that it lost
 * its tokens.
 */
async function reseal(operator: Operator, { key, browserId, name, server }: StoredRecord): Promise<Outcome> {
  const { store, vault, configuration } = operator;
  const [first] = configuration.encryptionKeys;
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const before = await store.get(key);
    if (!before) return 'gone';
    if (sealedWith(before) === first?.id) return 'current';
    const lock = await takeLock(store, browserId, name);
    if (!lock) {
      await wait(100);
      continue;
    }
    try {
      const sealed = await store.get(key);
      const ttlMs = await server.ttlMs(key);
      if (!sealed || ttlMs < 1) return 'gone';
      const opened = vault.open(key, sealed);
      if (!opened) return 'unreadable';
      if (opened.current) return 'current';
      const value = vault.seal(key, opened.value);
      if (await store.commit([{ key, equals: sealed }, lock.guard], [{ key, value, ttlMs }])) return 'resealed';
    } finally {
      await lock.release();
    }
  }
  return 'busy';
}
