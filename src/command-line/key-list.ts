import { sealedWith } from '../connections/vault.js';
import { ownerIndexKey } from '../store/keys.js';
import type { ExitCode, Surroundings } from './command.js';
import { asOperator, type Operator } from './operator.js';
import { readArguments } from './read-arguments.js';
import { storedRecords } from './stored-records.js';
import { table } from './table.js';

/** How many records of each kind a key has sealed. */
export type KeyUse = Record<'connection' | 'index' | 'owner' | 'person' | 'candidate' | 'attempt', number>;

/** Kinds of records, and what they are counted as; `connections` and `sessions` list those of one holder. */
const sealedKinds: Readonly<Record<string, keyof KeyUse>> = {
  connection: 'connection',
  connections: 'index',
  owner: 'owner',
  sessions: 'owner',
  session: 'person',
  candidate: 'candidate',
  attempt: 'attempt',
};

/** Prints the ids of the keys that are listed or in use. */
export async function listKeys(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values } = readArguments(args, { json: { type: 'boolean' } });
  const { write, progress } = surroundings;
  return asOperator(surroundings, async (operator) => {
    const listed = operator.configuration.encryptionKeys.map(({ id }) => id);
    const uses = await keyUses(operator, progress);
    const rows = [...new Set([...listed, ...uses.keys()])].map((id) => ({
      id,
      role: id === listed[0] ? 'encrypts' : listed.includes(id) ? 'decrypts' : 'not listed',
      ...(uses.get(id) ?? none()),
    }));
    progress('');
    if (values.json === true) write(`${JSON.stringify({ keys: rows }, null, 2)}\n`);
    else
      write(
        table([
          [
            'KEY',
            'ROLE',
            'CONNECTIONS',
            'LISTS OF THEM',
            'OWNERS',
            'SESSIONS OF PEOPLE',
            'TO BE CONFIRMED',
            'SIGN-INS UNDER WAY',
          ],
          ...rows.map(({ id, role, connection, index, owner, person, candidate, attempt }) => [
            id,
            role,
            String(connection),
            String(index),
            String(owner),
            String(person),
            String(candidate),
            String(attempt),
          ]),
        ]),
      );
    // What no listed key opens is lost to the server.
    return rows.some(({ role }) => role === 'not listed') ? 1 : 0;
  });
}

/** Counts the sealed records of the store by the id of their key, which their first bytes tell. */
export async function keyUses(
  { servers, store }: Operator,
  progress: (text: string) => void,
): Promise<Map<string, KeyUse>> {
  const uses = new Map<string, KeyUse>();
  const count = (id: string | undefined, kind: keyof KeyUse): void => {
    if (id === undefined) return;
    const use = uses.get(id) ?? none();
    use[kind] += 1;
    uses.set(id, use);
  };
  const ownerIndex = await store.get(ownerIndexKey);
  count(ownerIndex && sealedWith(ownerIndex), 'owner');
  let read = 0;
  for await (const { key, kind } of storedRecords(servers)) {
    const sealed = Object.hasOwn(sealedKinds, kind) ? sealedKinds[kind] : undefined;
    if (sealed === undefined) continue;
    read += 1;
    if (read % 500 === 0) progress(`Reading the store: ${read} records`);
    const value = await store.get(key);
    if (value) count(sealed === 'person' ? personSealedWith(value) : sealedWith(value), sealed);
  }
  return uses;
}

/** A session is no sealed record, but whose it is lies sealed in it. */
function personSealedWith(session: Buffer): string | undefined {
  const [, person] = /"person":"([\w-]+)"/.exec(session.toString('latin1')) ?? [];
  return person === undefined ? undefined : sealedWith(Buffer.from(person, 'base64url'));
}

function none(): KeyUse {
  return { connection: 0, index: 0, owner: 0, person: 0, candidate: 0, attempt: 0 };
}
