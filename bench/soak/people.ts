import { randomBytes, randomInt } from 'node:crypto';
import { createBrowser, type Browser } from '../../test/world/browser.js';
import { connect } from '../../test/world/journey.js';
import { seedSessions } from '../gatehouse.js';
import { personHeader } from './authorization-server.js';
import { canaryOf, type Grants } from './grants.js';
import type { Fleet } from './fleet.js';
import type { Person } from './person.js';

/** The session's cookie where PUBLIC_URL is plain http. */
const sessionName = 'gatehouse';

/** Sessions that the server's own code wrote into Redis, each with a grant and tokens of its own. */
export async function seedPeople(redisUrl: string, count: number, grants: Grants): Promise<Person[]> {
  const subjects = Array.from({ length: count }, () => randomBytes(8).toString('hex'));
  const cookies = await seedSessions(redisUrl, count, (index) => {
    const { accessToken, refreshToken, lifetime } = grants.begin(subjects[index] ?? '');
    // Not all at once: the first refreshes are spread over a life.
    const left = Math.ceil(lifetime * (0.3 + 0.7 * (index / count)));
    return { accessToken, refreshToken, expiresAt: Math.floor(Date.now() / 1000) + left };
  });
  return subjects.map((subject, index) => ({
    subject,
    canary: canaryOf(subject),
    cookie: cookies[index] ?? '',
    state: 'connected',
    epoch: 0,
  }));
}

/** A browser of this person, at one of the servers; it comes from an address of its own. */
export function browserOf(person: Person, fleet: Fleet, publicUrl: string): Browser {
  const address = [10, 0, 0, 0].map((part) => part || randomInt(1, 255)).join('.');
  const routes = { [publicUrl]: `http://127.0.0.1:${fleet.next().process.port}` };
  const browser = createBrowser(publicUrl, {
    routes,
    headers: { [personHeader]: person.subject, 'x-forwarded-for': address },
  });
  if (person.cookie !== '') browser.setCookie(sessionName, person.cookie.slice(sessionName.length + 1));
  return browser;
}

/** The person signs in at the authorization server; the session's cookie is then the person's. Throws what went wrong. */
export async function signIn(person: Person, fleet: Fleet, publicUrl: string, provider = 'acme'): Promise<void> {
  const browser = browserOf(person, fleet, publicUrl);
  const { final, finalUrl } = await connect(browser, provider);
  if (finalUrl.searchParams.get('connected') !== provider)
    throw new Error(`a sign-in ended with ${final.status} ${finalUrl.searchParams.get('connect_error') ?? ''}`);
  person.cookie = `${sessionName}=${browser.cookie(sessionName)?.value ?? ''}`;
}
