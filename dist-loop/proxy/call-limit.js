import { GatehouseError } from '../errors.js';
export function createCallLimit(most) {
    const underWay = new Map();
    return {
        enter(session, provider) {
            const count = underWay.get(session) ?? 0;
            if (count >= most)
                throw new GatehouseError('rate_limited', `At most ${most} calls of a session may be under way at a time.`, {
                    provider,
                    retryAfter: 1,
                });
            underWay.set(session, count + 1);
            return () => {
                const left = (underWay.get(session) ?? 1) - 1;
                if (left > 0)
                    underWay.set(session, left);
                else
                    underWay.delete(session);
            };
        },
    };
}
