import { GatehouseError } from '../../errors.js';
import { compact } from '../../compact.js';
import type { Redeemed } from '../../oauth/redeem.js';
import type { Owner } from '../../sessions/owners/owner.js';
import { intoSession, toOwner, type Destination } from './destination.js';
import type { SignIn } from './sign-in.js';
import { interruptedMeanwhile } from './write-session.js';

/** Where the sign-in leads, known before the code is spent; undefined where it tells only then who signs in. */
export async function knownDestination(signIn: SignIn): Promise<Destination | undefined> {
  const { services, provider, attempt } = signIn;
  if (!services.configuration.ownership) return intoSession(signIn);
  if (attempt.stored.pending.signIn) return undefined;
  const { owner: slot, person } = attempt.current?.session ?? {};
  // An owner who has expired meanwhile is the same owner still.
  const holder = slot !== undefined && person && (await services.holders.ofPerson(person, slot));
  if (!holder) throw interruptedMeanwhile(provider);
  return toOwner(signIn, { holder });
}

/** To the person whom the verified ID token names. */
export async function signedInDestination(signIn: SignIn, { identity, account }: Redeemed): Promise<Destination> {
  const { services, provider } = signIn;
  const { holders, owners, ownerSlots, now } = services;
  if (!identity) throw new GatehouseError('id_token_invalid', 'No ID token says who signed in.', provider.id);
  const owner: Owner = { kind: 'sign_in', issuer: identity.iss, subject: identity.sub };
  const slot = await ownerSlots.of(owner);
  const record = await owners.ensure(slot, owner);
  const holder = holders.ofOwner(slot, record);
  const label = account.label ?? account.subject;
  const { sid } = identity;
  const person = { owner, since: now(), epoch: record.epoch, provider: provider.id, ...compact({ label, sid }) };
  return toOwner(signIn, { holder, signsIn: { holder, person } });
}
