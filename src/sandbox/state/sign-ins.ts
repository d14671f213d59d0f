import { randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';
import { people, type Person } from './people.js';

const cookieName = 'sandbox_sign_in';

/** Who is signed in where. One cookie per realm, bound to its path, so that no provider knows the other's sign-in. */
export interface SignIns {
  person(realm: string, req: Request): Person | undefined;
  signIn(realm: string, res: Response, username: string, password: string): Person | undefined;
  reset(): void;
}

export function createSignIns(): SignIns {
  const signedIn = new Map<string, Person>();
  return {
    person: (realm, req) => signedIn.get(`${realm} ${parseCookie(req.get('cookie') ?? '')[cookieName] ?? ''}`),
    signIn(realm, res, username, password) {
      const person = people.find((one) => one.username === username.trim().toLowerCase() && one.password === password);
      if (!person) return undefined;
      const value = randomBytes(24).toString('base64url');
      signedIn.set(`${realm} ${value}`, person);
      res.append(
        'Set-Cookie',
        stringifySetCookie({ name: cookieName, value, path: `/${realm}`, httpOnly: true, sameSite: 'lax' }),
      );
      return person;
    },
    reset: () => signedIn.clear(),
  };
}
