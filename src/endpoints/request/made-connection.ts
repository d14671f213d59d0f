import type { Request } from 'express';
import { meantBy, type Held } from '../../connections/held-connections.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import { named, type NamedDependencies } from './named-connection.js';

/**
 * The connection that a way back to this page names, where that is another one than the page shows, or one of several.
 * A sign-in that was started on the page of one connection may have made another.
 */
export async function madeElsewhere(
  { registry, held }: NamedDependencies,
  req: Request,
): Promise<{ provider: string; id: string } | undefined> {
  const { provider, id } = named(registry, req.params['key']);
  const holder = currentHolder(req);
  const { connected, connection } = req.query;
  if (!holder || !provider || connected !== provider.id || typeof connection !== 'string') return undefined;
  const all = await held.read(holder.slot);
  const isShown = id === undefined ? !hasSeveral(all, provider) : id === connection;
  const isHeld = meantBy(all, { provider }).some((stored) => stored.id === connection);
  return isHeld && !isShown ? { provider: connected, id: connection } : undefined;
}

/** Whether more than one is connected at the provider. */
export function hasSeveral(held: Held, provider: Provider): boolean {
  return meantBy(held, { provider }).length > 1;
}
