import { randomBytes } from 'node:crypto';
import OAuth2Server from '@node-oauth/oauth2-server';
import express, { type Request as ExpressRequest, type Response as ExpressResponse } from 'express';
import { listen } from '../world/listen.js';
import type { OtherServer, OtherServerOptions } from './other-server.js';

const { Request, Response } = OAuth2Server;
type Code = OAuth2Server.AuthorizationCode;
type Token = OAuth2Server.Token;

/** A plain OAuth2 server: @node-oauth/oauth2-server behind Express. No discovery, no revocation, no ID token. */
export async function startNodeOAuth(options: OtherServerOptions): Promise<OtherServer> {
  const { redirectUri, clientId, clientSecret } = options;
  const client = { id: clientId, grants: ['authorization_code', 'refresh_token'], redirectUris: [redirectUri] };
  const codes = new Map<string, Code>();
  const tokens = new Set<Token>();
  const model: OAuth2Server.AuthorizationCodeModel & OAuth2Server.RefreshTokenModel = {
    generateAuthorizationCode: () => Promise.resolve(randomBytes(20).toString('hex')),
    getClient: (id, secret) =>
      Promise.resolve(id === clientId && ((secret as string | null) === null || secret === clientSecret) && client),
    saveAuthorizationCode: (code, owner, user) => {
      const saved = { ...code, client: owner, user };
      codes.set(code.authorizationCode, saved);
      return Promise.resolve(saved);
    },
    getAuthorizationCode: (code) => Promise.resolve(codes.get(code)),
    revokeAuthorizationCode: ({ authorizationCode }) => Promise.resolve(codes.delete(authorizationCode)),
    saveToken: (token, owner, user) => {
      const saved = { ...token, client: owner, user };
      tokens.add(saved);
      return Promise.resolve(saved);
    },
    getAccessToken: (text) => Promise.resolve([...tokens].find(({ accessToken }) => accessToken === text)),
    getRefreshToken: (text) =>
      Promise.resolve([...tokens].find(({ refreshToken }) => refreshToken === text) as OAuth2Server.RefreshToken),
    revokeToken: ({ refreshToken }) =>
      Promise.resolve([...tokens].some((token) => token.refreshToken === refreshToken && tokens.delete(token))),
    validateScope: (_user, _client, scope) => Promise.resolve(scope?.every((word) => word === 'books') && scope),
  };
  const server = new OAuth2Server({ model, accessTokenLifetime: 3600 });
  const app = express().use(express.urlencoded({ extended: false }));

  /** Lets the library answer, success and refusal alike. */
  const answer = async (res: ExpressResponse, response: OAuth2Server.Response, work: Promise<unknown>) => {
    await work.catch(() => undefined);
    res.status(response.status ?? 500).set(response.headers ?? {});
    if (response.status === 302) res.end();
    else res.json(response.body);
  };
  app.get('/login', (_req, res) => {
    res
      .type('html')
      .send(
        '<form method="post"><input type="text" name="username" value=""><button name="decision" value="yes">Yes</button><button name="decision" value="no">No</button></form>',
      );
  });
  app.post('/login', async (req: ExpressRequest, res) => {
    const response = new Response(res);
    const body = req.body as { username: string; decision: string };
    // The library reads the refusal from the query.
    const query = { ...(req.query as Record<string, string>), ...(body.decision === 'no' ? { allowed: 'false' } : {}) };
    const request = new Request({ headers: {}, method: 'POST', query, body: {} });
    const authenticateHandler = { handle: () => ({ name: body.username }) };
    await answer(res, response, server.authorize(request, response, { authenticateHandler }));
  });
  app.post('/oauth/token', async (req, res) => {
    const response = new Response(res);
    await answer(res, response, server.token(new Request(req), response));
  });
  app.get('/api/me', async (req, res) => {
    const response = new Response(res);
    const found = await server.authenticate(new Request(req), response).catch(() => undefined);
    if (found) res.json({ user: (found.user as { name: string }).name });
    else res.status(401).end();
  });
  const listening = await listen((req, res) => void app(req, res));
  return {
    file: {
      extends: 'generic-oauth2',
      endpoints: { authorization: `${listening.origin}/login`, token: `${listening.origin}/oauth/token` },
      scopes: ['books'],
      api: { base_url: `${listening.origin}/api` },
    },
    label: null,
    me: { path: '/me', answer: { user: 'jo' } },
    close: () => listening.close(),
  };
}
