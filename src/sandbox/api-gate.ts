import type { RequestHandler } from 'express';
import { faultAnswered } from './control/faults.js';
import type { ProviderId } from './provider-ids.js';
import type { World } from './state/world.js';

/** What all APIs have in common: the count and the faults. `caller` names who is counted. */
export function apiGate(world: World, caller: (authorization: string | undefined) => ProviderId): RequestHandler {
  return async (req, res, next) => {
    const provider = caller(req.get('authorization'));
    world.calls.count(provider, 'api');
    res.set('Cache-Control', 'no-store');
    if (await faultAnswered(world, provider, 'api_status', res)) return;
    next();
  };
}
