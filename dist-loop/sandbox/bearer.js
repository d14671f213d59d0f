import { isUsable } from './authorizations.js';
/** The usable access token that a call carries, if this realm issued it. The prefix is compared exactly: `Bearer`. */
export function bearer(world, realm, req) {
    const header = req.get('authorization');
    const value = header?.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
    const token = world.authorizations.access(value);
    return isUsable(token, world.clock) && token.authorization.client.realm === realm ? token : undefined;
}
