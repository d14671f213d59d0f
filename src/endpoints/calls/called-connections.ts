import type { StoredConnection } from '../../connections/connection-store.js';
import { connectionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import type { Named } from '../../connections/held-connections.js';
import { filledRef } from '../../connections/filled-ref.js';
import { mustChoose } from '../../connections/memberships.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import type { Provider } from '../../providers/provider.js';
import type { Parties } from '../../proxy/places.js';
import type { Services } from '../../services.js';
import type { SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import { connectionIndexKey, connectionKey, sessionKey } from '../../store/keys.js';
import type { CalledConnection, FoundConnection } from './call.js';
import type { CallTarget } from './call-target.js';

/** What follows from a session, the index of its connections and one record, for as long as those are what the store remembers. */
interface WarmCall {
  session: Session;
  index: Buffer;
  stored: StoredConnection;
  ref: ConnectionRef;
  /** Whether the record is what the path means. */
  isMeant: boolean;
  /** Absent as long as the connection cannot be used as it is. */
  called: CalledConnection | undefined;
}

/** What a path names, with the word that it does so by: a provider's id or a connection's. */
export type Called = Named & { key: string };

export interface CalledConnections {
  /**
   * The connection where everything is known already and nothing has to be decided: no store is asked, nothing is awaited, and
   * hardly anything is allocated, since most calls come this way. Undefined: look closer.
   */
  warm(cookieHeader: string | undefined, name: Called): CalledConnection | undefined;
  /** What was found by a closer look, to be found at once from now on. */
  found(cookieHeader: string | undefined, name: Called, found: FoundConnection): CalledConnection;
}

type Dependencies = Pick<Services, 'cookies' | 'sessions' | 'holders' | 'held' | 'connections' | 'access'>;

export function createCalledConnections(
  { cookies, sessions, holders, held, connections, access }: Dependencies,
  targetOf: (provider: Provider, connection: LiveConnection, key: string) => CallTarget,
): CalledConnections {
  /** By the very record that the store remembers: nothing decrypted stays when the store has forgotten it. */
  const warmCalls = new WeakMap<Buffer, Map<string, WarmCall>>();
  /** The keys of a session's call, put together once: the same id comes with every call of a browser. */
  const callKeys = new WeakMap<SessionId, Map<string, readonly [string, string, string]>>();

  const rememberKeys = (id: SessionId, key: string, cell: string): readonly [string, string, string] => {
    const slot = id.browserId;
    const keys = [sessionKey(slot), connectionIndexKey(slot), connectionKey(slot, cell)] as const;
    let ofSession = callKeys.get(id);
    if (!ofSession) callKeys.set(id, (ofSession = new Map<string, readonly [string, string, string]>()));
    ofSession.set(key, keys);
    return keys;
  };

  const of = (found: FoundConnection, key: string): CalledConnection => ({
    ...found,
    parties: partiesOf(found),
    target: targetOf(found.ref.provider, found.connection, key),
  });

  const warmCall = (slot: string, name: Called, recordKey: string, session: Session, [, index, record]: Values) => {
    let ofRecord = warmCalls.get(record);
    const known = ofRecord?.get(name.key);
    if (known?.session === session && known.index === index) return known;
    const stored = connections.open(recordKey, record);
    const sighting = held.sight(slot, name, index, [stored]);
    const ref = connectionRef(holders.of(slot, session), name.provider, stored.cell);
    const isMeant = typeof sighting === 'object' && 'stored' in sighting;
    const made: WarmCall = { session, index, stored, ref, isMeant, called: undefined };
    if (!ofRecord) warmCalls.set(record, (ofRecord = new Map<string, WarmCall>()));
    ofRecord.set(name.key, made);
    return made;
  };

  return {
    found: (cookieHeader, { key }, found) => {
      const id = cookies.sessionId(cookieHeader)?.id;
      if (id && found.ref.provider.grant !== 'client_credentials') rememberKeys(id, key, found.ref.cell);
      return of(found, key);
    },

    warm: (cookieHeader, name) => {
      const { provider, key } = name;
      if (provider.grant === 'client_credentials') return undefined;
      const id = cookies.sessionId(cookieHeader)?.id;
      if (!id) return undefined;
      const keys = callKeys.get(id)?.get(key) ?? rememberKeys(id, key, provider.id);
      const remembered = sessions.remembered(id, keys);
      if (!remembered) return undefined;
      const { session } = remembered;
      const call = warmCall(id.browserId, name, keys[2], session, remembered.values as Values);
      const connection = call.isMeant ? access.fresh(provider, call.stored) : undefined;
      if (!connection || mustChoose(provider, connection)) return undefined;
      sessions.touch(id.browserId, session);
      const ref = filledRef(call.ref, connection);
      return (call.called ??= of({ browserId: id.browserId, session, ref, connection }, key));
    },
  };
}

/** Of the session, of the index, and of the connection. */
type Values = readonly [Buffer, Buffer, Buffer];

/** The owner, or the session where the person has no name, and the account at the provider; an application is everybody's. */
export function partiesOf({ browserId, session, ref, connection }: FoundConnection): Parties {
  const { id, grant } = ref.provider;
  const caller = session.owner === undefined ? `session ${browserId}` : `owner ${session.owner}`;
  const { subject } = connection.account;
  return grant === 'client_credentials' || subject === undefined ? [caller] : [caller, `account ${id} ${subject}`];
}
