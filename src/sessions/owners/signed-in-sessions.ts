import type { Person, Session } from '../session-record.js';
import type { Sessions } from '../sessions.js';
import type { OwnerRecords } from './owner-records.js';
import type { OwnerSlots } from './owner-slots.js';
import type { SessionIndex } from './session-index.js';

/** Who was logged out at the provider: everywhere (sub), in one session there (sid), or one person's in one (both). */
export interface LoggedOut {
  issuer: string;
  subject?: string;
  sid?: string;
}

/** The sessions of people, found by who they are and by the session at the provider in which they signed in. */
export interface SignedInSessions {
  /**
   * Before the person's session is written. False: they were logged out at the provider a moment ago, and no session may begin.
   */
  add(slot: string, person: Person, browserId: string): Promise<boolean>;
  /** After it was written: whether it may stay. */
  mayStay(person: Person): Promise<boolean>;
  /** The browser ids of sessions that end with this logout. Where it is one of a person everywhere, their epoch is over now. */
  loggedOut(who: LoggedOut): Promise<readonly string[]>;
  /** The browser ids of the sessions of an owner. */
  ofOwner(slot: string): Promise<readonly string[]>;
}

interface Dependencies {
  sessions: Pick<Sessions, 'live'>;
  owners: OwnerRecords;
  ownerSlots: OwnerSlots;
  index: SessionIndex;
}

export function createSignedInSessions(dependencies: Dependencies): SignedInSessions {
  const { sessions, owners, ownerSlots, index } = dependencies;

  const choose = async (browsers: readonly string[], fits: (session: Session) => boolean): Promise<string[]> => {
    const all = await Promise.all(browsers.map((browserId) => sessions.live(browserId)));
    return browsers.filter((_, at) => {
      const session = all[at];
      return session !== undefined && fits(session);
    });
  };

  const ofOwner: SignedInSessions['ofOwner'] = async (slot) =>
    choose(await index.read(slot), ({ owner }) => owner === slot);

  return {
    ofOwner,
    add: async (slot, person, browserId) => {
      const place = await placeAtProvider(ownerSlots, person);
      if (place !== undefined && !(await index.add(place, browserId))) return false;
      return index.add(slot, browserId);
    },
    mayStay: async (person) => {
      const place = await placeAtProvider(ownerSlots, person);
      return place === undefined || !(await index.isClosed(place));
    },
    loggedOut: async ({ issuer, subject, sid }) => {
      if (sid !== undefined) {
        const browsers = await index.close(await ownerSlots.ofSignIn(issuer, sid));
        return choose(browsers, ({ person }) => person !== undefined && isOf(person, { issuer, subject, sid }));
      }
      if (subject === undefined) return [];
      const slot = await ownerSlots.of({ kind: 'sign_in', issuer, subject });
      await owners.raise(slot);
      return ofOwner(slot);
    },
  };
}

/** Undefined where nobody signed in at a provider, or it does not name its sessions. */
async function placeAtProvider(ownerSlots: OwnerSlots, { owner, sid }: Person): Promise<string | undefined> {
  return owner.kind === 'sign_in' && sid !== undefined ? ownerSlots.ofSignIn(owner.issuer, sid) : undefined;
}

function isOf(
  { owner, sid: own }: Person,
  { issuer, subject, sid }: { issuer: string; subject: string | undefined; sid: string },
): boolean {
  if (owner.kind !== 'sign_in' || owner.issuer !== issuer || own !== sid) return false;
  return subject === undefined || owner.subject === subject;
}
