import type { Request, Response } from 'express';
import { compact } from '../../compact.js';
import type { Connection } from '../../connections/connection.js';
import { newConnection } from '../../connections/new-connection.js';
import { originOf } from '../../connections/origin.js';
import { GatehouseError } from '../../errors.js';
import { currentSession } from '../../middleware/session.js';
import { currentHolder, requiredHolder } from '../../middleware/standing.js';
import { isApiKey, tryApiKey } from '../../oauth/api-key.js';
import type { Provider } from '../../providers/provider.js';
import type { StoredValues } from '../../providers/variables/provider-variables.js';
import { withValues } from '../../providers/variables/with-values.js';
import { newBrowserId } from '../../sessions/session-id.js';
import { unknownConnection } from '../request/named-connection.js';
import { queryParameters, single, type SentParameters } from '../request/parameters.js';
import { wayBack } from './ask-organization.js';
import { knownDestination } from './find-destination.js';
import { markArrival } from './mark-arrival.js';
import { sendPopupOutcome } from './popup.js';
import type { SignIn } from './sign-in.js';
import { storeConnection } from './store-connection.js';
import { startTarget, type Target } from './target.js';

interface Wish {
  returnTo: string;
  target: Target;
  variables: StoredValues;
}

/** The key that was sent, in the body alone: an address ends up in logs and histories. */
export function sentKey(req: Request, provider: Provider, parameters: SentParameters): string | undefined {
  if (queryParameters(req).has('key'))
    throw new GatehouseError('invalid_request', 'A key is sent in the body, never in an address.', provider.id);
  const key = single(parameters, 'key')?.trim();
  return key === '' ? undefined : key;
}

/**
 * Connects with a key that the person gave (`grant: api_key`): tried once at the API, and stored as a token is. It is an
 * attempt like any other, which begins and ends in one request. Returns where the person goes; undefined where the API does
 * not accept the key. Throws GatehouseError.
 */
export async function connectByKey(
  services: SignIn['services'],
  req: Request,
  res: Response,
  offered: Provider,
  key: string,
  { returnTo, target, variables }: Wish,
): Promise<string | undefined> {
  const { configuration, pending, held, directory, http, log, now, inFlight } = services;
  const provider = withValues(offered, variables);
  const current = currentSession(req);
  const holder = configuration.ownership ? requiredHolder(req, provider.id) : currentHolder(req);
  if (holder) startTarget(await held.read(holder.slot), provider, target, configuration.connectionsPerHolder);
  else if (target.connection !== undefined) throw unknownConnection();
  const tried = isApiKey(key) ? await tryApiKey(http, provider, key, now()) : undefined;
  if (!tried) {
    log.audit('connect.failed', actorOf(current, res), { provider: provider.id, code: 'access_denied' }, 'info');
    return undefined;
  }
  // The call that tried the key named them.
  const redeemed = offered.variables ? { ...tried, variables } : tried;
  const server = await directory.get(provider);
  const browserId = current?.id.browserId ?? newBrowserId();
  const owner = current?.session.owner;
  const reference = await pending.start(browserId, {
    provider: provider.id,
    secrets: { state: '' },
    returnTo,
    createdAt: now(),
    session: current?.id.browserId ?? null,
    ...target,
    ...(offered.variables ? { variables } : {}),
    madeFor: compact({
      environment: provider.environment,
      clientId: provider.clientId,
      origin: originOf(provider, server),
    }),
    ...compact({ owner }),
  });
  const stored = await pending.read(reference, current?.id.browserId);
  const taken = { browserId, answer: '' };
  const work = stored && (await pending.take(stored, taken));
  if (!stored || !work)
    throw new GatehouseError('state_unknown', 'The session ended meanwhile. Start again.', provider.id);
  const presented = { name: '', reference, isEnded: true };
  const attempt = { stored, presented, browserId, others: [], ...compact({ current }) };
  const signIn: SignIn = { services, req, res, provider: offered, attempt, taken, work };
  const storing = store(signIn, newConnection(provider, server, redeemed, now()))
    .catch(async (error: unknown) => {
      await pending.forget([reference]);
      throw error;
    })
    .finally(() => void work.release());
  const { location: back } = await inFlight.add(storing);
  sendPopupOutcome(services, req, res, back);
  const location = await wayBack(services, req, offered, back);
  markArrival(services, res, provider.id, location);
  return location;
}

async function store(signIn: SignIn, connection: Connection): ReturnType<typeof storeConnection> {
  const destination = await knownDestination(signIn);
  if (!destination) throw new GatehouseError('state_unknown', 'Nobody signs in with a key.', signIn.provider.id);
  return storeConnection(signIn, destination, connection);
}

function actorOf(current: ReturnType<typeof currentSession>, res: Response) {
  return { slot: current?.id.browserId ?? '', owner: current?.session.owner, trace: res.locals };
}
