import type { Holder } from '../connections/holder.js';
import { sessionKey } from '../store/keys.js';
import type { Session } from './session-record.js';
import type { Sessions } from './sessions.js';

/** Whom the connections belong to that are made and used in a session. */
export interface Holders {
  of(browserId: string, session: Session): Holder;
}

export function createHolders({ sessions }: { sessions: Pick<Sessions, 'lifetime'> }): Holders {
  /** The same session record is the same object as long as the store remembers it. */
  const known = new WeakMap<Session, Holder>();
  return {
    of: (browserId, session) => {
      const before = known.get(session);
      if (before?.slot === browserId) return before;
      const holder: Holder = {
        slot: browserId,
        guards: [{ key: sessionKey(browserId), exists: true }],
        ttlMs: () => sessions.lifetime(session),
        owner: session.owner,
      };
      known.set(session, holder);
      return holder;
    },
  };
}
