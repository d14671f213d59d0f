import { GatehouseError } from '../errors.js';
import { currentSession } from '../middleware/session.js';
/** The request's session, or 401. */
export function requiredSession(req) {
    const current = currentSession(req);
    if (!current)
        throw loginRequired();
    return current;
}
export function loginRequired(provider) {
    return new GatehouseError('login_required', 'This browser has no session, or it has ended. Connect a provider to begin one.', provider === undefined ? {} : { provider });
}
