// What a first version usually looks like: the tokens in req.session, a refresh where one is due, no lock.
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { Redis } from 'ioredis';

/** @typedef {{ accessToken?: string, refreshToken: string, expiresAt: number }} Mine what the session holds */

const { PORT, UPSTREAM_URL = '', REDIS_URL = '', SECRET = '', TOKEN_URL = '' } = process.env;
const { CLIENT_ID = '', CLIENT_SECRET = '' } = process.env;
const app = express();
const store = new RedisStore({ client: new Redis(REDIS_URL), prefix: 'naive:' });
app.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false }));
app.post('/login', express.json(), (req, res) => {
  Object.assign(req.session, req.body);
  res.end();
});
app.use('/api', async (req, res) => {
  const mine = /** @type {Mine} */ (/** @type {unknown} */ (req.session));
  if (mine.accessToken === undefined) return res.status(401).end();
  if (mine.expiresAt <= Date.now()) {
    const credentials = { client_id: CLIENT_ID, client_secret: CLIENT_SECRET };
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: mine.refreshToken, ...credentials });
    const answer = await fetch(TOKEN_URL, { method: 'POST', body });
    if (!answer.ok) return res.status(401).end();
    const tokens = /** @type {any} */ (await answer.json());
    mine.accessToken = tokens.access_token;
    mine.refreshToken = tokens.refresh_token ?? mine.refreshToken;
    mine.expiresAt = Date.now() + tokens.expires_in * 1000;
  }
  const answer = await fetch(UPSTREAM_URL + req.url, { headers: { authorization: `Bearer ${mine.accessToken}` } });
  return res.status(answer.status).end(await answer.text());
});
app.listen(Number(PORT), '127.0.0.1');
