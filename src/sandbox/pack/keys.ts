import { randomBytes } from 'node:crypto';
import { people } from '../state/people.js';
import type { World } from '../state/world.js';
import { companiesOf } from './accounts.js';
import type { Emulator } from './emulator.js';

/** Whether people connect it with a key, without an authorization server. */
export function takesKeys({ file }: Emulator): boolean {
  return file.grant === 'api_key';
}

/**
 * The test keys of a provider that has no authorization server: one for each company of the first person. Each opens the API
 * as an access token does, and ends with its grant.
 */
export function issueKeys(world: World, emulator: Emulator): string[] {
  const [client] = world.clients.all().filter(({ realm }) => realm === emulator.realm);
  const [person] = people;
  if (!takesKeys(emulator) || !client || !person) return [];
  return companiesOf(emulator, person).map(({ id }) => {
    const value = `sandbox-${emulator.id}-${randomBytes(12).toString('hex')}`;
    const wanted = { client, person, company: id, scopes: [], audience: undefined, nonce: undefined };
    const authorization = world.authorizations.add(wanted);
    const issuedAt = world.clock.seconds();
    world.authorizations.addAccess({ value, authorization, scopes: [], issuedAt, expiresAt: Number.POSITIVE_INFINITY });
    return value;
  });
}
