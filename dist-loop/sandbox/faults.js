import { setTimeout as wait } from 'node:timers/promises';
/** Waits and answers as the switches of `provider` say. True: the answer was given, nothing is left to do. */
export async function faultAnswered({ switches }, provider, at, res) {
    const slow = switches.number(provider, 'slow');
    if (slow > 0)
        await wait(slow, undefined, { ref: false });
    switch (switches.choice(provider, at)) {
        case '429':
            res.status(429).set('Retry-After', '7').json({ error: 'too_many_requests', error_description: 'Slow down' });
            return true;
        case '500':
            res.status(500).json({ error: 'server_error', error_description: 'Something broke here' });
            return true;
        case '502':
            res.status(502).type('html').send('<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>');
            return true;
        case 'reset':
            res.socket?.destroy();
            return true;
        default:
            return false;
    }
}
/** The lifetime of a new access token in seconds, and the moment of its end, after the switches. */
export function lifetime({ switches, clock }, provider, usual) {
    const seconds = switches.number(provider, 'lifetime') || usual;
    const issuedAt = clock.seconds();
    return { seconds, issuedAt, expiresAt: switches.flag(provider, 'expired') ? issuedAt - 1 : issuedAt + seconds };
}
/** The `expires_in` member as the switch wants it written. */
export function expiresIn({ switches }, provider, seconds) {
    switch (switches.choice(provider, 'expires_in')) {
        case 'text':
            return { expires_in: seconds.toString() };
        case 'absent':
            return {};
        case 'junk':
            return { expires_in: 'soon' };
        default:
            return { expires_in: seconds };
    }
}
