import { faultAnswered } from './faults.js';
/** What all APIs have in common: the count and the faults. `caller` names who is counted. */
export function apiGate(world, caller) {
    return async (req, res, next) => {
        const provider = caller(req.get('authorization'));
        world.calls.count(provider, 'api');
        res.set('Cache-Control', 'no-store');
        if (await faultAnswered(world, provider, 'api_status', res))
            return;
        next();
    };
}
