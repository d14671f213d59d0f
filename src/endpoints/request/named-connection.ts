import type { Request, RequestHandler } from 'express';
import { isConnectionId } from '../../connections/cell.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import {
  meantBy,
  providerOfId,
  type Held,
  type HeldConnections,
  type Named,
} from '../../connections/held-connections.js';
import type { Holder } from '../../connections/holder.js';
import { choiceOf } from '../../connections/status.js';
import { GatehouseError } from '../../errors.js';
import type { CurrentSession } from '../../middleware/session.js';
import { requiredHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import type { ProviderRegistry } from '../../providers/registry.js';
import { offeredProvider } from './offered-provider.js';
import { requiredSession } from './required-session.js';

/** What a path names, in the session that asks. */
export interface NamedConnection {
  provider: Provider;
  current: CurrentSession;
  holder: Holder;
  held: Held;
  /** Absent where nothing is connected at the provider. */
  stored?: StoredConnection;
}

export type { Named };

export interface NamedDependencies {
  registry: ProviderRegistry;
  held: HeldConnections;
}

/**
 * A path names a provider, which means the only connection there, or a connection by its id. Throws GatehouseError
 * unknown_provider for a word that is neither. Of an id that names no provider on offer, `provider` is absent.
 */
export function named(
  registry: ProviderRegistry,
  key: unknown,
): { provider: Provider; id?: undefined } | { provider: Provider | undefined; id: string } {
  if (typeof key !== 'string' || !isConnectionId(key)) return { provider: offeredProvider(registry, key) };
  const provider = providerOfId(registry.all(), key);
  return { provider, id: key };
}

/** Throws GatehouseError login_required, unknown_connection, connection_ambiguous, in the order of the contract. */
export async function namedConnection(
  services: NamedDependencies,
  req: Request,
  key: unknown,
): Promise<NamedConnection> {
  const { registry, held: heldConnections } = services;
  const name = named(registry, key);
  const holder = requiredHolder(req, name.provider?.id);
  const current = requiredSession(req);
  if (!name.provider) throw unknownConnection();
  const held = await heldConnections.read(holder.slot);
  const { provider, id } = name;
  const stored = only(held, { provider, ...(id === undefined ? {} : { id }) });
  return { provider, current, holder, held, ...(stored ? { stored } : {}) };
}

/** The name of what was found. */
export function nameOf({ provider, stored }: Pick<NamedConnection, 'provider' | 'stored'>): Named {
  return { provider, ...(stored ? { id: stored.id } : {}) };
}

/** The one connection that is meant; undefined where a provider was named and nothing is connected there. */
export function only(held: Held, name: Named): StoredConnection | undefined {
  const meant = meantBy(held, name);
  if (meant.length > 1) throw connectionAmbiguous(name.provider.name, name.provider.id, meant);
  if (name.id !== undefined && meant.length === 0) throw unknownConnection();
  return meant[0];
}

/** Answers 404 and 401 before a body is read: the key names a provider, or there is a session that may have the connection. */
export function onlyNamed(registry: ProviderRegistry): RequestHandler {
  return (req, _res, next) => {
    const name = named(registry, req.params['key']);
    if (name.id !== undefined) requiredHolder(req, name.provider?.id);
    if (!name.provider) throw unknownConnection();
    next();
  };
}

export function unknownConnection(): GatehouseError {
  return new GatehouseError(
    'unknown_connection',
    'There is no connection of this id here. GET /api/connections lists those that there are.',
  );
}

/** Nothing ever picks the first: the caller is told what there is. */
export function connectionAmbiguous(
  name: string,
  provider: string,
  meant: readonly StoredConnection[],
): GatehouseError {
  return new GatehouseError(
    'connection_ambiguous',
    `${name} is connected ${meant.length} times. Name one of the connections by its id.`,
    { provider, connections: meant.map(choiceOf) },
  );
}
