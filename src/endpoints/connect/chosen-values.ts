import type { Request } from 'express';
import { meantBy } from '../../connections/held-connections.js';
import { GatehouseError } from '../../errors.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import type { StoredValues } from '../../providers/variables/provider-variables.js';
import type { Services } from '../../services.js';
import { connectionAmbiguous, unknownConnection } from '../request/named-connection.js';
import { callersVariables, saidValues, type SaidValues } from './caller-variables.js';
import { askedTarget, type Target } from './target.js';
import type { SentParameters } from '../request/parameters.js';

interface Chosen {
  said: SaidValues;
  target: Target;
}

/**
 * The values that a sign-in is for, and the connection. Other values than a connection's mean another account: a further
 * connection, unless the caller names one. A caller who says none means those of the connection. Throws GatehouseError
 * unknown_connection, connection_ambiguous or account_mismatch.
 */
export async function chosenValues(
  { held }: Pick<Services, 'held'>,
  req: Request,
  provider: Provider,
  parameters: SentParameters,
): Promise<Chosen> {
  const target = askedTarget(provider, parameters);
  const asked = callersVariables(provider);
  const said = saidValues(provider, parameters);
  const holder = currentHolder(req);
  if (asked.length === 0 || !holder || target.another) return { said, target };
  const there = meantBy(await held.read(holder.slot), { provider });
  const isSame = (own: StoredValues | undefined): boolean =>
    asked.every(({ name, default: usual }) => said.values[name] === (own?.[name] ?? usual));
  const isSaid = asked.some(({ name }) => parameters.has(name));

  if (target.connection !== undefined) {
    const stored = there.find(({ id }) => id === target.connection);
    if (!stored) throw unknownConnection();
    const own = stored.connection?.variables;
    // Which connection is meant is asked before values are that may be those of one.
    if (!isSaid && there.length > 1) throw connectionAmbiguous(provider.name, provider.id, there);
    if (!isSaid) return { said: saidValues(provider, parameters, own), target };
    if (said.missing.length + said.invalid.length === 0 && own && !isSame(own)) throw anotherAccount(provider);
    return { said, target };
  }
  if (!isSaid) return { said: saidValues(provider, parameters, onlyOne(there)?.connection?.variables), target };
  if (there.length === 0 || said.missing.length + said.invalid.length > 0) return { said, target };
  const same = there.filter(({ connection }) => isSame(connection?.variables));
  if (same.length === 0) return { said, target: { another: true } };
  const only = onlyOne(same);
  return { said, target: only ? { connection: only.id } : target };
}

function onlyOne<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

function anotherAccount(provider: Provider): GatehouseError {
  return new GatehouseError(
    'account_mismatch',
    `The connection at ${provider.name} is of another account than the one that was named. Leave the values out, or connect another one.`,
    provider.id,
  );
}
