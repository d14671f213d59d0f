// The fastest that can be picked ready-made for Node.js: no encryption of the stored token, no log.
import cookie from '@fastify/cookie';
import httpProxy from '@fastify/http-proxy';
import session from '@fastify/session';
import { RedisStore } from 'connect-redis';
import Fastify from 'fastify';
import { Redis } from 'ioredis';

const { PORT, UPSTREAM_URL = '', REDIS_URL = '', SECRET = '', TOKEN } = process.env;
/**
 * What the session holds.
 * @param {unknown} request
 */
const mine = (request) => /** @type {{ session: { accessToken?: string | undefined } }} */ (request).session;
const app = Fastify();
await app.register(cookie);
await app.register(session, {
  store: new RedisStore({ client: new Redis(REDIS_URL), prefix: 'fastify:' }),
  secret: SECRET,
  saveUninitialized: false,
  cookie: { secure: false, maxAge: 3_600_000 },
});
app.get('/login', (request, reply) => {
  mine(request).accessToken = TOKEN;
  reply.send();
});
await app.register(httpProxy, {
  upstream: UPSTREAM_URL,
  prefix: '/api',
  undici: { connections: 256, pipelining: 1 },
  preHandler: async (request, reply) => {
    if (mine(request).accessToken === undefined) await reply.code(401).send();
  },
  replyOptions: {
    rewriteRequestHeaders: (request, headers) => ({
      ...headers,
      authorization: `Bearer ${mine(request).accessToken}`,
    }),
  },
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
