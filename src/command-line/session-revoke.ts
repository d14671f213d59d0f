import type { Revocation } from '../contract.js';
import { endStoredSession } from '../sessions/end-stored-session.js';
import { UsageError, type ExitCode, type Surroundings } from './command.js';
import { asOperator, type Operator } from './operator.js';
import { readArguments } from './read-arguments.js';
import { sessionsIn } from './session-list.js';
import { storedRecords } from './stored-records.js';
import { printable } from './table.js';

/** Ends sessions, by their tags or by their owner. */
export async function revokeSessions(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, positionals: tags } = readArguments(
    args,
    { owner: { type: 'string' }, 'forget-only': { type: 'boolean' } },
    { words: 1000 },
  );
  if ((tags.length === 0) === (values.owner === undefined))
    throw new UsageError('Name the sessions by their tags, or by --owner; one of the two.');
  for (const browserId of tags)
    if (!/^[\w-]{22}$/.test(browserId))
      throw new UsageError(`"${printable(browserId)}" is no tag of a session; sessions list shows them.`);
  const { write, note, progress } = surroundings;
  return asOperator(surroundings, async (operator) => {
    const chosen = values.owner === undefined ? tags : await tagsOf(operator, values.owner, progress);
    if (chosen.length === 0) note('No session of this owner.\n');
    let failed = chosen.length === 0;
    const ended = new Set<string>();
    for (const browserId of chosen) {
      progress(`Ending ${browserId}`);
      const outcome = await end(operator, browserId, values['forget-only'] !== true);
      if (outcome !== undefined) ended.add(browserId);
      if (outcome === undefined) note(`${browserId}: there is no such session.\n`);
      else write(`${browserId}: ended. ${sentence(outcome)}\n`);
      failed ||= outcome === undefined || outcome.some(({ revocation }) => revocation === 'failed');
    }
    await removeRest(operator, ended);
    return failed ? 1 : 0;
  });
}

async function tagsOf(operator: Operator, owner: string, progress: (text: string) => void): Promise<string[]> {
  const tags: string[] = [];
  const read = (keys: number) => progress(`Reading the store: ${keys} keys`);
  for await (const session of sessionsIn(operator, read)) if (session.owner === owner) tags.push(session.tag);
  return tags;
}

/** Undefined where there is no such session. */
async function end(operator: Operator, browserId: string, revoke: boolean) {
  const { sessions, audit } = operator;
  if (!(await sessions.exists(browserId))) return undefined;
  const { revocations } = await endStoredSession(operator, { slot: browserId }, { revoke });
  const told = revocations.map(({ provider, revocation }) => `${provider}=${revocation}`).join(' ');
  audit('operator.session_revoked', { revocations: told }, browserId);
  return revocations;
}

/** What a logout takes from the browser's cookies, and what is left of providers that are not on offer any longer. */
async function removeRest({ servers, store }: Operator, tags: ReadonlySet<string>): Promise<void> {
  if (tags.size === 0) return;
  for await (const { key, browserId, kind } of storedRecords(servers))
    if (tags.has(browserId) && kind !== 'lock') await store.commit([], [{ key, delete: true }]);
}

function sentence(revocations: readonly { provider: string; revocation: Revocation }[]): string {
  if (revocations.length === 0) return 'Nothing was connected in it.';
  return revocations.map(({ provider, revocation }) => `${provider}: ${revocationTexts[revocation]}.`).join(' ');
}

export const revocationTexts: Readonly<Record<Revocation, string>> = {
  revoked: 'revoked',
  not_supported: 'forgotten here; the provider offers no revocation',
  failed: 'forgotten here; the provider did not revoke, end the access there by hand',
  skipped: 'forgotten here',
  not_connected: 'was not connected',
};
