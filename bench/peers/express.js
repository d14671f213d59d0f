// What people build, as the manuals of the packages show it.
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Agent } from 'node:http';
import { Redis } from 'ioredis';

const { PORT, UPSTREAM_URL, REDIS_URL = '', SECRET = '', TOKEN, KEEP_ALIVE } = process.env;
/**
 * What the session holds.
 * @param {unknown} req
 */
const mine = (req) => /** @type {{ session: { accessToken?: string | undefined } }} */ (req).session;
const app = express();
app.use(
  session({
    store: new RedisStore({ client: new Redis(REDIS_URL), prefix: 'express:' }),
    secret: SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 3_600_000 },
  }),
);
app.get('/login', (req, res) => {
  mine(req).accessToken = TOKEN;
  res.end();
});
app.use('/api', (req, res, next) => {
  if (mine(req).accessToken === undefined) res.status(401).end();
  else next();
});
app.use(
  '/api',
  createProxyMiddleware({
    target: UPSTREAM_URL,
    changeOrigin: true,
    ...(KEEP_ALIVE === 'on' ? { agent: new Agent({ keepAlive: true, maxSockets: 256 }) } : {}),
    on: { proxyReq: (outgoing, req) => outgoing.setHeader('Authorization', `Bearer ${mine(req).accessToken}`) },
  }),
);
app.listen(Number(PORT), '127.0.0.1');
