import { createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import type { Answer } from '../world/answer.js';
import type { Browser } from '../world/browser.js';
import {
  startConnectWorld,
  type ConnectionBody,
  type ConnectWorld,
  type ConnectWorldOptions,
} from '../connect/world.js';
import { startRedis, type RedisServer } from '../world/redis.js';

/** The server with CONNECTIONS=owner over a Redis of its own, and an application that names its users. */
export interface OwnersWorld extends ConnectWorld {
  redis: RedisServer;
  /** A nonce for this browser. */
  nonce(browser: Browser): Promise<string>;
  /** An assertion of the application, with claims laid over the usual ones. */
  assertion(name: string, claims?: JWTPayload): Promise<string>;
  /** The application's user is named in this browser. */
  bind(browser: Browser, name: string, claims?: JWTPayload): Promise<Answer>;
  /** Who signs in at `acme` from now on. */
  person(name: string): void;
  /** Connects another account of `books`; answers the connection's id. */
  add(browser: Browser, name: string): Promise<string>;
}

export const audience = 'gatehouse';

export async function startOwnersWorld(options: ConnectWorldOptions = {}): Promise<OwnersWorld> {
  const secret = randomBytes(32).toString('base64');
  const key = createSecretKey(Buffer.from(secret));
  const redis = await startRedis();
  const world = await startConnectWorld({
    ...options,
    env: {
      REDIS_URL: redis.url,
      CONNECTIONS: 'owner',
      OWNER_SECRET: secret,
      OWNER_AUDIENCE: audience,
      OWNER_SIGN_IN_URL: 'https://app.example.test/sign-in?from=gate',
      SIGN_IN_WITH: 'acme',
      ...options.env,
    },
  });
  const nonce: OwnersWorld['nonce'] = async (browser) =>
    ((await browser.api.post('/api/session/nonce')).json as { nonce: string }).nonce;
  const assertion: OwnersWorld['assertion'] = (name, claims) => {
    const seconds = Math.floor(world.app.now() / 1000);
    return new SignJWT({ sub: name, aud: audience, exp: seconds + 60, ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key);
  };
  return {
    ...world,
    get app() {
      return world.app;
    },
    redis,
    nonce,
    assertion,
    bind: async (browser, name, claims) => {
      const made = await assertion(name, { nonce: await nonce(browser), ...claims });
      return browser.api.put('/api/session/owner', { json: { assertion: made } });
    },
    person: (name) => {
      for (const server of [world.acme, world.books])
        Object.assign(server.person, { sub: `person-${name}`, email: `${name}@example.test` });
    },
    add: async (browser, name) => {
      Object.assign(world.books.person, { sub: `books-${name}`, email: `${name}@books.test` });
      const answer = await world.connect(browser, 'books', { as: 'new' });
      return answer.location?.searchParams.get('connection') ?? '';
    },
    close: async () => {
      await world.close();
      await redis.stop();
    },
  };
}

/** What is connected, as the browser's own front end is told. */
export async function listed(browser: Browser): Promise<ConnectionBody[]> {
  const { connections } = (await browser.api.get('/api/session')).json as { connections: ConnectionBody[] };
  return connections.filter(({ id }) => id !== null);
}

export async function sessionOf(browser: Browser): Promise<{ active: boolean; owner: Record<string, unknown> | null }> {
  const { session } = (await browser.api.get('/api/session')).json as {
    session: { active: boolean; owner: Record<string, unknown> | null };
  };
  return session;
}

/** Whose data a call brings, or why it brings none. */
export async function whoIs(browser: Browser, key: string): Promise<unknown> {
  const { json } = await browser.api.get(`/proxy/${key}/userinfo`);
  const body = json as { sub?: string; code?: string };
  return body.sub ?? body.code;
}
