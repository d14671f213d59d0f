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
import { connectionIndexKey, connectionKey, ownerKey, sessionKey } from '../../store/keys.js';
import type { CalledConnection, FoundConnection } from './call.js';
import type { CallTarget } from './call-target.js';

/** What follows from a session, the index of its holder's connections and one record, as long as the store remembers them. */
interface WarmCall {
  session: Session;
  index: Buffer;
  /** What says that the holder stands, beside the session. */
  proof: Buffer | undefined;
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
  const callKeys = new WeakMap<SessionId, Map<string, CallKeys>>();

  const rememberKeys = (id: SessionId, key: string, ref: Pick<ConnectionRef, 'slot' | 'cell'>): CallKeys => {
    const { slot, cell } = ref;
    const record = connectionKey(slot, cell);
    const own = [sessionKey(id.browserId), connectionIndexKey(slot), record];
    const keys = { slot, record, keys: slot === id.browserId ? own : [...own, ownerKey(slot)] };
    let ofSession = callKeys.get(id);
    if (!ofSession) callKeys.set(id, (ofSession = new Map<string, CallKeys>()));
    ofSession.set(key, keys);
    return keys;
  };

  const of = (found: FoundConnection, key: string): CalledConnection => ({
    ...found,
    parties: partiesOf(found),
    target: targetOf(found.ref.provider, found.connection, key),
  });

  const warmCall = (
    browserId: string,
    name: Called,
    { slot, record: recordKey }: CallKeys,
    session: Session,
    [, index, record, proof]: Values,
  ): WarmCall | undefined => {
    let ofRecord = warmCalls.get(record);
    const known = ofRecord?.get(name.key);
    if (known?.session === session && known.index === index && known.proof === proof) return known;
    const standing = holders.judge(browserId, session, [proof]);
    if (!('holder' in standing) || standing.holder.slot !== slot) return undefined;
    const stored = connections.open(recordKey, record);
    const sighting = held.sight(slot, name, index, [stored]);
    const ref = connectionRef(standing.holder, name.provider, stored.cell);
    const isMeant = typeof sighting === 'object' && 'stored' in sighting;
    const made: WarmCall = { session, index, proof, stored, ref, isMeant, called: undefined };
    if (!ofRecord) warmCalls.set(record, (ofRecord = new Map<string, WarmCall>()));
    ofRecord.set(name.key, made);
    return made;
  };

  return {
    found: (cookieHeader, { key }, found) => {
      const id = cookies.sessionId(cookieHeader)?.id;
      if (id && found.ref.provider.grant !== 'client_credentials') rememberKeys(id, key, found.ref);
      return of(found, key);
    },

    warm: (cookieHeader, name) => {
      const { provider, key } = name;
      if (provider.grant === 'client_credentials') return undefined;
      const id = cookies.sessionId(cookieHeader)?.id;
      if (!id) return undefined;
      const keys = callKeys.get(id)?.get(key);
      if (!keys) return undefined;
      const remembered = sessions.remembered(id, keys.keys);
      if (!remembered) return undefined;
      const { session } = remembered;
      const call = warmCall(id.browserId, name, keys, session, remembered.values as Values);
      if (!call?.isMeant || holders.isExpired(session)) return undefined;
      const connection = access.fresh(provider, call.stored);
      if (!connection || mustChoose(provider, connection)) return undefined;
      sessions.touch(id.browserId, session);
      holders.used(call.ref);
      const ref = filledRef(call.ref, connection);
      return (call.called ??= of({ browserId: id.browserId, session, ref, connection }, key));
    },
  };
}

/** Where a call's records lie: the session's, the index, the connection's, and the owner's where there is one. */
interface CallKeys {
  slot: string;
  record: string;
  keys: readonly string[];
}

/** In that order. */
type Values = readonly [Buffer, Buffer, Buffer, Buffer?];

/** The owner, or the session where the person has no name, and the account at the provider; an application is everybody's. */
export function partiesOf({ browserId, session, ref, connection }: FoundConnection): Parties {
  const { id, grant } = ref.provider;
  const caller = session.owner === undefined ? `session ${browserId}` : `owner ${session.owner}`;
  const { subject } = connection.account;
  return grant === 'client_credentials' || subject === undefined ? [caller] : [caller, `account ${id} ${subject}`];
}
