import { eraseOwner } from '../sessions/owners/erase-owner.js';
import type { Owner } from '../sessions/owners/owner.js';
import { UsageError, type ExitCode, type Surroundings } from './command.js';
import { asOperator } from './operator.js';
import { readArguments } from './read-arguments.js';
import { revocationTexts } from './session-revoke.js';

/** Erases an owner, and says what came of each connection. */
export async function eraseOwners(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, { issuer: { type: 'string' } }, { words: 1 });
  const [name] = positionals;
  if (name === undefined || name === '') throw new UsageError('Name the owner; owners list shows them.');
  const { write, note, progress } = surroundings;
  const owner: Owner =
    values.issuer === undefined
      ? { kind: 'assertion', name }
      : { kind: 'sign_in', issuer: values.issuer, subject: name };
  return asOperator(surroundings, async (operator) => {
    const slot = await operator.ownerSlots.of(owner);
    progress('Erasing');
    const erased = await eraseOwner(operator, slot);
    progress('');
    if (!erased) {
      note('There is no such owner. A person who signed in by a Connect button is named by subject and --issuer.\n');
      return 1;
    }
    const { connections, sessions } = erased;
    write(`Erased: ${connections.length} connections, ${sessions} sessions.\n`);
    for (const { id, provider, revocation } of connections)
      write(`${provider} ${id}: ${revocationTexts[revocation]}.\n`);
    const told = connections.map(({ provider, revocation }) => `${provider}=${revocation}`).join(' ');
    operator.audit('operator.owner_erased', { revocations: told, connections: connections.length, sessions });
    return connections.some(({ revocation }) => revocation === 'failed') ? 1 : 0;
  });
}
