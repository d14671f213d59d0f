import { isRefusal } from './redis-failure.js';
import { within } from './within.js';
export function createRedisState(log, place) {
    let status = 'connecting';
    let code = 'NOT_CONNECTED';
    let logged;
    let settle = () => undefined;
    const attempt = new Promise((resolve) => {
        settle = resolve;
    });
    return {
        status: () => status,
        code: () => code,
        ready() {
            if (logged === 'ended')
                return;
            status = 'ready';
            settle();
            log.info('store.connected', { store: place });
            logged = 'connected';
        },
        failed(reason) {
            if (logged === 'ended')
                return;
            // A connection that closes after an error tells nothing new.
            if (status !== 'lost' || reason !== 'CLOSED')
                code = reason;
            status = 'lost';
            settle();
            const now = isRefusal(code) ? 'refused' : 'lost';
            if (logged !== now)
                log.error(`store.${now}`, { store: place, code });
            logged = now;
        },
        firstAttempt: (limitMs) => within(limitMs, attempt, () => undefined),
        end() {
            status = 'lost';
            code = 'CLOSED';
            logged = 'ended';
            settle();
        },
    };
}
