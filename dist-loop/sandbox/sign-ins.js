import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import { people } from './people.js';
const cookieName = 'sandbox_sign_in';
export function createSignIns() {
    const signedIn = new Map();
    return {
        person: (realm, req) => signedIn.get(`${realm} ${parseCookie(req.get('cookie') ?? '')[cookieName] ?? ''}`),
        signIn(realm, res, username, password) {
            const person = people.find((one) => one.username === username.trim().toLowerCase() && one.password === password);
            if (!person)
                return undefined;
            const value = randomBytes(24).toString('base64url');
            signedIn.set(`${realm} ${value}`, person);
            res.append('Set-Cookie', stringifySetCookie({ name: cookieName, value, path: `/${realm}`, httpOnly: true, sameSite: 'lax' }));
            return person;
        },
        reset: () => signedIn.clear(),
    };
}
