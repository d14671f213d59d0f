import { setTimeout as wait } from 'node:timers/promises';
import { takeLock } from '../connections/refresh/lock.js';
import { sealedWith } from '../connections/vault.js';
import type { ExitCode, Surroundings } from './command.js';
import { keyUses } from './key-list.js';
import { asOperator, type Operator } from './operator.js';
import { readArguments } from './read-arguments.js';
import { storedRecords, type StoredRecord } from './stored-records.js';

type Outcome = 'resealed' | 'current' | 'unreadable' | 'gone' | 'busy';

/** Milliseconds that a connection which is being renewed is waited for. */
const timeoutMs = 20_000;

/** Encrypts every stored connection with the first key, so that the operator can remove older keys. */
export async function resealRecords(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  readArguments(args, {});
  const { write, note, progress } = surroundings;
  return asOperator(surroundings, async (operator) => {
    const counts: Record<Outcome, number> = { resealed: 0, current: 0, unreadable: 0, gone: 0, busy: 0 };
    for await (const record of storedRecords(operator.servers)) {
      if (record.kind !== 'connection') continue;
      counts[await reseal(operator, record)] += 1;
      progress(`${counts.resealed} encrypted again, ${counts.current} unchanged`);
    }
    progress('');
    const [first] = operator.configuration.encryptionKeys;
    const uses = await keyUses(operator, progress);
    const old = [...uses].filter(([id]) => id !== first?.id);
    progress('');
    operator.audit('operator.connections_resealed', { key: first?.id, connections: counts.resealed });
    write(`Encrypted again with ${first?.id ?? ''}: ${counts.resealed}. Unchanged: ${counts.current}.\n`);
    if (counts.unreadable > 0)
      note(`${counts.unreadable} cannot be read with the listed keys: the key is missing, or the record is damaged.\n`);
    if (counts.busy > 0) note(`${counts.busy} were in a refresh all the time: run it again.\n`);
    for (const [id, { connection, candidate, attempt }] of old) {
      const passing = candidate + attempt;
      if (connection > 0) note(`${id} is still in use by ${connection} connections: keep it.\n`);
      else if (passing > 0)
        note(`${id} is still in use by ${passing} sign-ins under way; they end within 20 minutes. Remove it then.\n`);
    }
    for (const { id } of operator.configuration.encryptionKeys.slice(1))
      if (!uses.has(id)) write(`${id} is not in use any more: it can be taken out of ENCRYPTION_KEYS.\n`);
    return counts.unreadable + counts.busy > 0 ? 1 : 0;
  });
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
