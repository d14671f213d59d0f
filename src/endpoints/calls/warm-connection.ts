import type { StoredConnection } from '../../connections/connection-store.js';
import { sessionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import { mustChoose } from '../../connections/memberships.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';

/** The connection that a call is made with. */
export interface CalledConnection {
  browserId: string;
  ref: ConnectionRef;
  connection: LiveConnection;
}

/** What follows from two records, for as long as those are what the store remembers. */
interface Known {
  session: Session;
  record: Buffer;
  stored: StoredConnection;
  ref: ConnectionRef;
}

/**
 * Finds the connection where everything is known already and nothing has to be decided: nobody is asked, nothing is
 * awaited, and hardly anything is made anew, since most calls come this way. Undefined: look closer.
 */
export function createWarmConnections({
  cookies,
  sessions,
  connections,
  access,
}: Services): (cookieHeader: string | undefined, provider: Provider) => CalledConnection | undefined {
  const known = new WeakMap<SessionId, Map<Provider, Known>>();

  const knownOf = (id: SessionId, provider: Provider, session: Session, record: Buffer): Known => {
    let ofSession = known.get(id);
    if (!ofSession) known.set(id, (ofSession = new Map<Provider, Known>()));
    const last = ofSession.get(provider);
    if (last?.record === record && last.session === session) return last;
    const ref = sessionRef(provider, id.browserId, () => sessions.lifetime(session), session.owner);
    const made = { session, record, stored: connections.open(ref.key, record), ref };
    ofSession.set(provider, made);
    return made;
  };

  return (cookieHeader, provider) => {
    if (provider.grant === 'client_credentials') return undefined;
    const id = cookies.sessionId(cookieHeader)?.id;
    const found = id && sessions.remembered(id, provider.id);
    if (!found) {
      if (id) known.delete(id);
      return undefined;
    }
    const { stored, ref } = knownOf(id, provider, found.session, found.record);
    const connection = access.fresh(stored);
    if (!connection || mustChoose(provider, connection)) return undefined;
    sessions.touch(id.browserId, found.session);
    return { browserId: id.browserId, ref, connection };
  };
}
