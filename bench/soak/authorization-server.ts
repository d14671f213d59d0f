import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { listen, readBody } from '../../test/world/listen.js';
import { jsonReply, redirectReply, sendReply, type Reply } from '../../test/world/reply.js';
import type { Grant, Grants, Tokens } from './grants.js';

export interface AuthorizationServer {
  origin: string;
  /** Answers the token endpoint with this status, before anything is spent; undefined: as it should. */
  failing: number | undefined;
  /** Milliseconds that an answer of the token endpoint takes, after the refresh token is spent. */
  delay: number;
  readonly tokenCalls: number;
  close(): Promise<void>;
}

/** Header that names the person at the browser: who is signed in here is not what is measured. */
export const personHeader = 'x-person';

/** Milliseconds that a process may take to save what it was answered. */
const savingTime = 5_000;

interface Code {
  subject: string;
  challenge: string;
}

/** A small authorization server: authorization code with PKCE, rotating refresh tokens with reuse detection. */
export async function startAuthorizationServer(grants: Grants): Promise<AuthorizationServer> {
  const codes = new Map<string, Code>();
  let tokenCalls = 0;

  const authorize = (query: URLSearchParams, subject: string): Reply => {
    const code = randomBytes(16).toString('hex');
    codes.set(code, { subject, challenge: query.get('code_challenge') ?? '' });
    const back = new URL(query.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    return redirectReply(back.href);
  };

  const exchange = (form: URLSearchParams): Tokens | undefined => {
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
    return code?.challenge === verifier.digest('base64url') ? grants.begin(code.subject) : undefined;
  };

  /** What came over each connection that is open. */
  const sent = new WeakMap<Socket, Map<Grant, number>>();
  const note = (socket: Socket, grant: Grant): void => {
    const known = sent.get(socket) ?? new Map<Grant, number>();
    if (!sent.has(socket))
      socket.on('close', () => {
        for (const [each, at] of known) if (at > Date.now() - savingTime) each.cutOffs.push(Date.now());
      });
    sent.set(socket, known.set(grant, Date.now()));
  };

  const token = async (form: URLSearchParams, socket: Socket): Promise<Reply> => {
    tokenCalls += 1;
    const named = grants.named(form.get('refresh_token') ?? '');
    if (named) note(socket, named);
    if (server.failing !== undefined) return { status: server.failing };
    const isRefresh = form.get('grant_type') === 'refresh_token';
    const tokens = isRefresh ? grants.refresh(form.get('refresh_token') ?? '') : exchange(form);
    if (server.delay > 0) await pause(server.delay);
    if (!tokens) return jsonReply({ error: 'invalid_grant' }, 400);
    const { accessToken, refreshToken, lifetime } = tokens;
    return jsonReply({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: lifetime,
      refresh_token: refreshToken,
    });
  };

  const answer = async (req: IncomingMessage): Promise<Reply> => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://server');
    if (pathname === '/authorize') return authorize(searchParams, String(req.headers[personHeader]));
    const form = new URLSearchParams((await readBody(req)).toString());
    if (pathname === '/token') return token(form, req.socket);
    if (pathname === '/revoke') grants.revoke(form.get('token') ?? '');
    return { status: pathname === '/revoke' ? 200 : 404 };
  };

  const { origin, close } = await listen((req, res) => {
    answer(req)
      .then((reply) => sendReply(res, reply))
      .catch(() => res.destroy());
  });
  const server: AuthorizationServer = {
    origin,
    failing: undefined,
    delay: 0,
    get tokenCalls() {
      return tokenCalls;
    },
    close,
  };
  return server;
}
