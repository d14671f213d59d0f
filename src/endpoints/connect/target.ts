import type { StoredConnection } from '../../connections/connection-store.js';
import { isOfProvider } from '../../connections/cell.js';
import { meantBy, type Held } from '../../connections/held-connections.js';
import { GatehouseError } from '../../errors.js';
import type { Provider } from '../../providers/provider.js';
import { single, type SentParameters } from '../request/parameters.js';
import { connectionAmbiguous, unknownConnection } from '../request/named-connection.js';

/** Which connection a sign-in is for. Neither: the only one at the provider, or a new one. */
export interface Target {
  /** The id of the one to reconnect. */
  connection?: string;
  another?: true;
}

/** The same as parameters, for a form that asks again. */
export function targetParameters({ connection, another }: Target): Record<string, string> {
  return { ...(connection === undefined ? {} : { connection }), ...(another ? { as: 'new' } : {}) };
}

/** As the caller asks. Throws GatehouseError invalid_request or unknown_connection. */
export function askedTarget(provider: Provider, parameters: SentParameters): Target {
  const connection = single(parameters, 'connection');
  const as = single(parameters, 'as');
  if (as !== undefined && as !== 'new')
    throw new GatehouseError('invalid_request', 'The parameter as is new, or left out.', provider.id);
  if (connection !== undefined && as !== undefined)
    throw new GatehouseError('invalid_request', 'Send connection or as=new, not both.', provider.id);
  if (connection !== undefined && !isOfProvider(connection, provider.id)) throw unknownConnection();
  return { ...(connection === undefined ? {} : { connection }), ...(as === undefined ? {} : { another: true }) };
}

/**
 * The connection that a sign-in with this target reconnects, as far as is known before the account is; undefined where it makes
 * a new one. Throws GatehouseError unknown_connection, connection_ambiguous or too_many_connections.
 */
export function startTarget(
  held: Held,
  provider: Provider,
  { connection, another }: Target,
  most: number,
): StoredConnection | undefined {
  const there = meantBy(held, { provider });
  if (connection !== undefined) {
    const stored = there.find(({ id }) => id === connection);
    if (!stored) throw unknownConnection();
    return stored;
  }
  if (!another && there.length > 1) throw connectionAmbiguous(provider.name, provider.id, there);
  if (!another && there[0]) return there[0];
  refuseTooMany(held, provider, most);
  return undefined;
}

/** The same at the callback, where what was there at the start may be gone: then the sign-in makes a new one. */
export function reconnectedBy(
  held: Held,
  provider: Provider,
  { connection, another }: Target,
): StoredConnection | undefined {
  const there = meantBy(held, { provider });
  if (connection !== undefined) return there.find(({ id }) => id === connection);
  return another || there.length > 1 ? undefined : there[0];
}

/** CONNECTIONS_PER_HOLDER bounds what one person can make this server keep. */
export function refuseTooMany({ connections }: Held, provider: Provider, most: number): void {
  if (connections.length < most) return;
  throw new GatehouseError(
    'too_many_connections',
    `There are ${connections.length} connections already, and ${most} are allowed. Disconnect one that is not used.`,
    provider.id,
  );
}
