import type { Request, RequestHandler, Response } from 'express';
import { accessDenied } from '../../connections/application-access.js';
import type { Organization } from '../../connections/connection.js';
import { sessionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import { notConnected } from '../../connections/refresh/failure.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import { missingScopes } from '../../connections/status.js';
import { GatehouseError } from '../../errors.js';
import { listOrganizations, type ListedOrganization } from '../../oauth/organizations.js';
import type { Organizations, Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { ConnectionStatus } from '../../contract.js';
import { connectionKey } from '../../store/keys.js';
import type { ConnectionPageModel } from '../../views/models.js';
import type { FoundConnection } from '../calls/call.js';
import { countedHttp } from '../calls/own-call.js';
import { createTokenUse } from '../calls/token-use.js';
import { redirect } from '../request/redirect.js';
import type { Addresses } from '../../config/addresses.js';
import { applicationConnection } from '../calls/find-connection.js';
import { connectionStates } from './connections.js';
import { offeredProvider } from '../request/offered-provider.js';
import { bodyParameters, single } from '../request/parameters.js';
import { requiredSession } from '../request/required-session.js';

/** GET /api/connections/:provider/organizations — what the provider lists, and what is chosen. */
export function organizations(services: Services): RequestHandler {
  return async (req, res) => {
    const provider = providerWithOrganizations(services, req);
    const usable = await usableConnection(services, req, provider);
    const listed = await list(services, provider, usable);
    const { organization } = usable.connection;
    res.json({ organizations: listed, selected: organization === undefined ? null : (organization?.id ?? null) });
  };
}

/** PUT /api/connections/:provider/organization — `{"id": …}`; null is the personal account. */
export function chooseOrganization(services: Services): RequestHandler {
  return async (req, res) => {
    const provider = providerWithOrganizations(services, req);
    await choose(services, req, res, provider, wantedId(req, provider));
    const [state] = await connectionStates(services, requiredSession(req).id.browserId, [provider]);
    res.json(state);
  };
}

/** POST /connections/:provider/organization — the same from a form; an empty value is the personal account. */
export function chooseOrganizationByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const provider = providerWithOrganizations(services, req);
    const wanted = single(bodyParameters(req), 'organization') ?? '';
    await choose(services, req, res, provider, wanted === '' ? null : wanted);
    redirect(res, 303, services.addresses.of(`/connections/${provider.id}`));
  };
}

/** The chooser of the connection page; absent where there is none, or no list can be had now. */
export async function organizationChoices(
  services: Services,
  req: Request,
  provider: Provider,
  status: ConnectionStatus,
): Promise<ConnectionPageModel['organizations']> {
  const { organizations: settings } = provider;
  if (!settings || !['connected', 'expiring', 'scope_missing', 'organization_required'].includes(status)) return null;
  const listing = { ...provider, organizations: settings };
  try {
    const usable = await usableConnection(services, req, provider);
    const { connection } = usable;
    const choices = await list(services, listing, usable);
    return { choices, selected: connection.organization?.id ?? null, personal: true };
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    services.log.info('organizations.not_listed', { provider: provider.id, code: error.code });
    return null;
  }
}

async function choose(
  services: Services,
  req: Request,
  res: Response,
  provider: WithOrganizations,
  wanted: string | null,
): Promise<void> {
  const { sessions, log } = services;
  const { id, session } = requiredSession(req);
  // The choice would hold for all who use the application.
  if (provider.grant === 'client_credentials') throw accessDenied(provider);
  const usable = await usableConnection(services, req, provider);
  const chosen = wanted === null ? null : pick(await list(services, provider, usable), wanted, provider);
  await change(services, id.browserId, provider, sessions.lifetime(session), chosen);
  const actor = { slot: id.browserId, owner: session.owner, trace: res.locals };
  log.audit('connection.organization_chosen', actor, { provider: provider.id });
}

/** Writes the choice into the record as it is now; a refresh that comes in between is kept. */
async function change(
  { connections, store }: Services,
  browserId: string,
  provider: Provider,
  ttlMs: number,
  organization: Organization | null,
): Promise<void> {
  const key = connectionKey(browserId, provider.id);
  for (let tries = 0; tries < 20; tries += 1) {
    const stored = await connections.read(browserId, provider.id);
    if (!stored?.connection) throw notConnected(provider);
    const { organizationLost: _lost, ...rest } = stored.connection;
    const value = connections.seal(key, { ...rest, organization });
    if (await store.commit([connections.unchanged(stored)], [{ key, value, ttlMs }])) return;
  }
  throw new GatehouseError('store_unavailable', 'The choice could not be saved. Try again.', provider.id);
}

interface UsedConnection {
  ref: ConnectionRef;
  connection: LiveConnection;
}

type WithOrganizations = Provider & { organizations: Organizations };

function providerWithOrganizations({ registry }: Services, req: Request): WithOrganizations {
  const provider = offeredProvider(registry, req.params['provider']);
  requiredSession(req);
  if (!provider.organizations)
    throw new GatehouseError('not_found', `${provider.name} has no organizations to choose from.`, provider.id);
  return { ...provider, organizations: provider.organizations };
}

/** Of the session, or the operator's own where the session may use that: a session never holds an application's token. */
async function usableConnection(services: Services, req: Request, provider: Provider): Promise<FoundConnection> {
  const { connections, access } = services;
  const current = requiredSession(req);
  const { id, session } = current;
  if (provider.grant === 'client_credentials')
    return { browserId: id.browserId, session, ...(await applicationConnection(services, req, current, provider)) };
  const ref = refOf(services, req, provider);
  const connection = await access.usable(ref, await connections.read(ref.slot, provider.id));
  return { browserId: id.browserId, session, ref, connection };
}

/** A refused token is renewed once, as for any other call; only then does a refusal speak of a permission. */
async function list(
  services: Services,
  provider: WithOrganizations,
  found: FoundConnection,
): Promise<ListedOrganization[]> {
  const { refusedTokens } = services;
  const { ref, connection } = found;
  const { scope } = provider.organizations;
  if (scope !== undefined && missingScopes(provider, connection).includes(scope))
    throw new GatehouseError(
      'scope_missing',
      `The permission ${scope} is missing. Connect ${provider.name} again to grant it.`,
      provider.id,
    );
  const use = createTokenUse(refusedTokens, connection);
  const anotherToken = async (): Promise<string | undefined> => (await use.afterRejection(ref))?.tokens.accessToken;
  try {
    const http = countedHttp(services, found);
    const listed = await listOrganizations(http, provider, connection.tokens.accessToken, anotherToken);
    refusedTokens.accepted(ref, use.connection);
    return listed;
  } catch (error) {
    if (use.connection !== connection) await refusedTokens.refusedAgain(ref, use.connection);
    throw error;
  }
}

function refOf({ sessions }: Services, req: Request, provider: Provider): ConnectionRef {
  const { id, session } = requiredSession(req);
  return sessionRef(provider, id.browserId, () => sessions.lifetime(session), session.owner, req.res?.locals);
}

function wantedId(req: Request, provider: Provider): string | null {
  const body: unknown = req.body;
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined;
  if (id === null || (typeof id === 'string' && id !== '')) return id;
  throw new GatehouseError(
    'invalid_request',
    'Send {"id": "…"} with an id of the list, or {"id": null} for the personal account.',
    provider.id,
  );
}

function pick(listed: readonly ListedOrganization[], wanted: string, provider: Provider): Organization {
  const found = listed.find(({ id }) => id === wanted);
  if (!found)
    throw new GatehouseError(
      'invalid_request',
      `${provider.name} does not list this organization for the connected account.`,
      provider.id,
    );
  return found;
}
