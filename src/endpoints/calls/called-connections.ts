import { sessionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import { mustChoose } from '../../connections/memberships.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import type { Provider } from '../../providers/provider.js';
import type { Parties } from '../../proxy/places.js';
import type { Services } from '../../services.js';
import type { Session } from '../../sessions/session-record.js';
import type { CalledConnection, FoundConnection } from './call.js';
import type { CallTarget } from './call-target.js';

/** What follows from a session and the record of its connection, for as long as those are what the store remembers. */
interface WarmCall {
  session: Session;
  stored: StoredConnection;
  ref: ConnectionRef;
  /** Absent as long as the connection cannot be used as it is. */
  called: CalledConnection | undefined;
}

export interface CalledConnections {
  /**
   * The connection where everything is known already and nothing has to be decided: no store is asked, nothing is awaited, and
   * hardly anything is allocated, since most calls come this way. Undefined: look closer.
   */
  warm(cookieHeader: string | undefined, provider: Provider): CalledConnection | undefined;
  of(found: FoundConnection): CalledConnection;
}

export function createCalledConnections(
  { cookies, sessions, connections, access }: Pick<Services, 'cookies' | 'sessions' | 'connections' | 'access'>,
  targetOf: (provider: Provider, connection: LiveConnection) => CallTarget,
): CalledConnections {
  /** By the very record that the store remembers: nothing decrypted stays when the store has forgotten it. */
  const warmCalls = new WeakMap<Buffer, WarmCall>();

  const of: CalledConnections['of'] = (found) => ({
    ...found,
    parties: partiesOf(found),
    target: targetOf(found.ref.provider, found.connection),
  });

  const warmCall = (browserId: string, provider: Provider, session: Session, record: Buffer): WarmCall => {
    const known = warmCalls.get(record);
    if (known?.session === session) return known;
    const ref = sessionRef(provider, browserId, () => sessions.lifetime(session), session.owner);
    const made = { session, stored: connections.open(ref.key, record), ref, called: undefined };
    warmCalls.set(record, made);
    return made;
  };

  return {
    of,
    warm: (cookieHeader, provider) => {
      if (provider.grant === 'client_credentials') return undefined;
      const id = cookies.sessionId(cookieHeader)?.id;
      const found = id && sessions.remembered(id, provider.id);
      if (!found) return undefined;
      const { session, record } = found;
      const call = warmCall(id.browserId, provider, session, record);
      const connection = access.fresh(provider, call.stored);
      if (!connection || mustChoose(provider, connection)) return undefined;
      sessions.touch(id.browserId, session);
      return (call.called ??= of({ browserId: id.browserId, session, ref: call.ref, connection }));
    },
  };
}

/** The owner, or the session where the person has no name, and the account at the provider; an application is everybody's. */
export function partiesOf({ browserId, session, ref, connection }: FoundConnection): Parties {
  const { id, grant } = ref.provider;
  const caller = session.owner === undefined ? `session ${browserId}` : `owner ${session.owner}`;
  const { subject } = connection.account;
  return grant === 'client_credentials' || subject === undefined ? [caller] : [caller, `account ${id} ${subject}`];
}
