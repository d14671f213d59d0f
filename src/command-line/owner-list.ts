import { connectionIndexKey, ownerKey } from '../store/keys.js';
import type { Owner } from '../sessions/owners/owner.js';
import type { ExitCode, Surroundings } from './command.js';
import { asOperator } from './operator.js';
import { readArguments } from './read-arguments.js';
import { storedRecords } from './stored-records.js';
import { printable, table } from './table.js';

/** An owner as an operator sees them. */
interface ListedOwner {
  /** The name that the application gave, or the subject. */
  name: string;
  /** Where they signed in; null: the application named them. */
  issuer: string | null;
  connections: number;
  sessions: number;
}

/** Prints whose connections there are. */
export async function listOwners(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values } = readArguments(args, { exact: { type: 'string' }, json: { type: 'boolean' } });
  const { write, progress } = surroundings;
  const listed: ListedOwner[] = [];
  await asOperator(surroundings, async ({ servers, store, owners, held, signedIn }) => {
    let count = 0;
    for await (const { browserId: slot, kind } of storedRecords(servers)) {
      count += 1;
      if (count % 1000 === 0) progress(`Reading the store: ${count} keys`);
      if (kind !== 'owner') continue;
      const record = owners.open(slot, await store.get(ownerKey(slot)));
      if (!record) continue;
      const named = nameOf(record.owner);
      if (values.exact !== undefined && named.name !== values.exact) continue;
      const hasIndex = (await store.get(connectionIndexKey(slot))) !== undefined;
      const connections = hasIndex ? (await held.readForEnd(slot)).connections.length : 0;
      listed.push({ ...named, connections, sessions: (await signedIn.ofOwner(slot)).length });
    }
  });
  progress('');
  listed.sort((one, other) => one.name.localeCompare(other.name));
  if (values.json === true) write(`${JSON.stringify({ owners: listed }, null, 2)}\n`);
  else if (listed.length === 0) write('No owner.\n');
  else
    write(
      table([
        ['OWNER', 'SIGNED IN AT', 'CONNECTIONS', 'SESSIONS'],
        ...listed.map(({ name, issuer, connections, sessions }) => [
          printable(name),
          issuer === null ? '-' : printable(issuer),
          String(connections),
          String(sessions),
        ]),
      ]),
    );
  return 0;
}

/** The name and where it counts. */
export function nameOf(owner: Owner): { name: string; issuer: string | null } {
  return owner.kind === 'assertion'
    ? { name: owner.name, issuer: null }
    : { name: owner.subject, issuer: owner.issuer };
}
