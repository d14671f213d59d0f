// What people build, as the manuals of the packages show it.
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Agent } from 'node:http';
import { Redis } from 'ioredis';

const { PORT, UPSTREAM_URL, REDIS_URL, SECRET, TOKEN } = process.env;
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
  req.session.accessToken = TOKEN;
  res.end();
});
app.use('/api', (req, res, next) => {
  if (req.session.accessToken === undefined) res.status(401).end();
  else next();
});
app.use(
  '/api',
  createProxyMiddleware({
    target: UPSTREAM_URL,
    changeOrigin: true,
    ...(process.env.KEEP_ALIVE === 'on' ? { agent: new Agent({ keepAlive: true, maxSockets: 256 }) } : {}),
    on: { proxyReq: (outgoing, req) => outgoing.setHeader('Authorization', `Bearer ${req.session.accessToken}`) },
  }),
);
app.listen(PORT, '127.0.0.1');
