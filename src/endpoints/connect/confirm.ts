import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Connection } from '../../connections/connection.js';
import { storeOver } from '../../connections/new-connection.js';
import { GatehouseError } from '../../errors.js';
import { acceptsJson } from '../../middleware/accepts.js';
import { currentSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { redirect } from '../request/redirect.js';
import { connectableProvider } from '../request/offered-provider.js';
import type { Addresses } from '../../config/addresses.js';
import { wayBack } from './ask-organization.js';
import type { Pages } from '../request/pages.js';
import { bodyParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

type Dependencies = Services & { pages: Pages; addresses: Addresses };

/** GET /connect/:provider/confirm — names the account before it is stored; as JSON to a program that accepts it. */
export function confirmPage(services: Dependencies): RequestHandler {
  return async (req, res) => {
    const provider = connectableProvider(services.registry, req.params['provider']);
    const { session, candidate, sealed } = await waiting(services, req, provider);
    const existing = (await services.connections.read(session.id.browserId, provider.id))?.connection;
    res.vary('Accept');
    if (acceptsJson(req)) {
      const replaces = existing && existing.account.subject !== candidate.connection.account.subject;
      res.json({
        provider: provider.id,
        account: accountBody(candidate.connection),
        replaces: replaces ? accountBody(existing) : null,
        waits: nameOf(sealed),
      });
      return;
    }
    res.type('html').send(services.pages.confirm(req, res, provider, candidate.connection, existing, nameOf(sealed)));
  };
}

/** POST /connect/:provider/confirm — stores it, or with `decision=cancel` lets it go. */
export function confirm(services: Dependencies): RequestHandler {
  const { registry, sessions, connections, revoker, log } = services;
  return async (req, res) => {
    const provider = connectableProvider(registry, req.params['provider']);
    const parameters = bodyParameters(req);
    const decision = single(parameters, 'decision') ?? 'confirm';
    if (decision !== 'confirm' && decision !== 'cancel')
      throw new GatehouseError('invalid_request', 'The decision is either confirm or cancel.', provider.id);
    const { session, candidate, sealed } = await waiting(services, req, provider);
    const { browserId } = session.id;
    // A form confirms what its page named, and not what another tab has brought since.
    const waits = single(parameters, 'waits') ?? (req.headers['x-csrf'] === '1' ? nameOf(sealed) : undefined);
    if (waits !== nameOf(sealed)) throw replacedMeanwhile(provider);
    const unchanged = { key: candidateKey(browserId, provider.id), equals: sealed };
    const forget = { key: candidateKey(browserId, provider.id), delete: true } as const;

    if (decision === 'cancel') {
      const existing = await connections.read(browserId, provider.id);
      if (!(await sessions.writeIfLive(browserId, [forget], [unchanged]))) throw nothingWaiting(provider);
      const revocation = await revoker.release(provider, candidate.connection, existing?.connection);
      const actor = { slot: browserId, owner: session.session.owner, trace: res.locals };
      log.audit('connection.declined', actor, { provider: provider.id, outcome: 'cancelled', revocation });
      const outcome = { connect_error: 'access_denied', request_id: res.locals.requestId };
      redirect(res, 303, withOutcome(candidate.returnTo, outcome));
      return;
    }
    const key = connectionKey(browserId, provider.id);
    const isStored = await storeOver(services, browserId, candidate.connection, (merged) =>
      sessions.writeIfLive(
        browserId,
        [
          { key, value: connections.seal(key, merged), ttlMs: sessions.lifetime(session.session) },
          { key: pauseKey(browserId, provider.id), delete: true },
          forget,
        ],
        [unchanged],
      ),
    );
    if (!isStored) throw nothingWaiting(provider);
    log.audit(
      'connection.stored',
      { slot: browserId, owner: session.session.owner, trace: res.locals },
      { provider: provider.id },
    );
    const back = withOutcome(candidate.returnTo, { connected: provider.id });
    redirect(res, 303, await wayBack(services, req, provider, back));
  };
}

function accountBody({ account: { subject, label } }: Connection) {
  return { subject: subject ?? null, label: label ?? null };
}

async function waiting({ candidates }: Dependencies, req: Request, provider: Provider) {
  const session = currentSession(req);
  const found = session && (await candidates.read(session.id.browserId, provider.id));
  if (!session || !found) throw nothingWaiting(provider);
  return { session, ...found };
}

/** A name for the waiting token set that tells nothing of it. */
function nameOf(sealed: Buffer): string {
  return createHash('sha256').update(sealed).digest('base64url').slice(0, 22);
}

function replacedMeanwhile(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'Another account waits for confirmation than the one that this page named. Nothing was stored; open the confirmation again.',
    provider.id,
  );
}

function nothingWaiting(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'Nothing waits for a confirmation here; it was answered already, or more than ten minutes have passed. Start again.',
    provider.id,
  );
}
