import type { Request } from 'express';
import { isUsable, type Token } from './state/authorizations.js';
import type { World } from './state/world.js';

/** The usable access token that a call carries, if this realm issued it. The prefix is compared exactly: `Bearer`. */
export function bearer(world: World, realm: string, req: Request): Token | undefined {
  const header = req.get('authorization');
  const value = header?.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
  const token = world.authorizations.access(value);
  return isUsable(token, world.clock) && token.authorization.client.realm === realm ? token : undefined;
}
