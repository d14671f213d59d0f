import type { Request, RequestHandler, Response } from 'express';
import type { Revocation } from '../connections/revoke.js';
import { acceptsJson } from '../middleware/accepts.js';
import { currentSession, dropSession } from '../middleware/session.js';
import type { TokenSet } from '../oauth/token-set.js';
import type { Services } from '../services.js';
import { connectionKey } from '../store/keys.js';
import { redirect } from './redirect.js';
import { clearAttemptCookie, presentedAttempts } from './attempt-cookies.js';

/** POST /logout — ends the session, everything connected in it and everything started in this browser. */
export function logout(services: Services): RequestHandler {
  return async (req, res) => {
    const { cookies } = services;
    const had = currentSession(req) !== undefined;
    const revocations = await endSession(services, req, res);
    if (had) res.append('Set-Cookie', cookies.header(cookies.sessionName, '', 0));
    if (acceptsJson(req)) res.json({ revocations });
    else redirect(res, 303, `${services.configuration.basePath}/`);
  };
}

/** Forgets first and revokes then. Succeeds without a session. */
export async function endSession(
  services: Services,
  req: Request,
  res: Response,
): Promise<{ provider: string; revocation: Revocation }[]> {
  const { sessions, connections, candidates, registry, revoker, pending, cookies, log } = services;
  const attempts = presentedAttempts(req, cookies);
  await pending.forget(attempts.map(({ reference }) => reference));
  for (const { name } of attempts) clearAttemptCookie(res, cookies, name);

  const session = currentSession(req);
  const tag = session?.id.tag;
  if (tag === undefined) return [];
  const providers = registry.all();
  const stored = await connections.readAll(
    tag,
    providers.map(({ id }) => id),
  );
  const waiting = new Map<string, TokenSet>();
  for (const { id, grant } of providers) {
    const tokens =
      grant === 'authorization_code' ? (await candidates.read(tag, id))?.candidate.connection.tokens : undefined;
    if (tokens) waiting.set(id, tokens);
  }
  await sessions.end(tag);
  dropSession(req);
  services.metrics.met.forget(providers.map(({ id }) => connectionKey(tag, id)));
  log.audit('session.ended', { tag, owner: session?.session.owner, trace: res.locals }, { connections: stored.size });
  return Promise.all(
    providers
      .filter(({ id }) => stored.has(id) || waiting.has(id))
      .map(async (provider) => ({
        provider: provider.id,
        revocation: await revoker.revokeAll(
          provider,
          [stored.get(provider.id)?.connection?.tokens, waiting.get(provider.id)].filter(
            (tokens) => tokens !== undefined,
          ),
        ),
      })),
  );
}
