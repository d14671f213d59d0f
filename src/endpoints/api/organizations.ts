import type { Request, RequestHandler, Response } from 'express';
import { accessDenied } from '../../connections/application-access.js';
import { chooseOrganization } from '../../connections/choose-organization.js';
import type { Organization } from '../../connections/connection.js';
import { sessionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import { missingScopes } from '../../connections/status.js';
import type { ConnectionState } from '../../contract.js';
import { GatehouseError } from '../../errors.js';
import { listOrganizations, type ListedOrganization } from '../../oauth/organizations.js';
import type { Organizations, Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { ConnectionPageModel } from '../../views/models.js';
import type { FoundConnection } from '../calls/call.js';
import { countedHttp } from '../calls/own-call.js';
import { createTokenUse } from '../calls/token-use.js';
import { redirect } from '../../http/redirect.js';
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
export function putOrganization(services: Services): RequestHandler {
  return async (req, res) => {
    const provider = providerWithOrganizations(services, req);
    await saveChoice(services, req, res, provider, wantedId(req, provider));
    const [state] = await connectionStates(services, requiredSession(req), [provider]);
    res.json(state);
  };
}

/** POST /connections/:provider/organization — the same from a form; an empty value is the personal account. */
export function chooseOrganizationByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const provider = providerWithOrganizations(services, req);
    const wanted = single(bodyParameters(req), 'organization') ?? '';
    await saveChoice(services, req, res, provider, wanted === '' ? null : wanted);
    redirect(res, 303, services.addresses.of(`/connections/${provider.id}`));
  };
}

/** The chooser of the connection page; absent where there is none, or no list can be had now. */
export async function organizationChoices(
  services: Services,
  req: Request,
  provider: Provider,
  { status, organization }: ConnectionState,
): Promise<ConnectionPageModel['organizations']> {
  const { organizations } = provider;
  if (!organizations || !['connected', 'expiring', 'scope_missing', 'organization_required'].includes(status))
    return null;
  const choices = await listForPage(services, req, { ...provider, organizations });
  return choices && { choices, selected: organization?.id ?? null, personal: true };
}

/** What the provider lists; null where no list can be had now. */
export async function listForPage(
  services: Services,
  req: Request,
  provider: WithOrganizations,
): Promise<ListedOrganization[] | null> {
  try {
    return await list(services, provider, await usableConnection(services, req, provider));
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    services.log.info('organizations.not_listed', { provider: provider.id, code: error.code });
    return null;
  }
}

/** Saves what the person decided, after a look at what the provider lists. */
export async function saveChoice(
  services: Services,
  req: Request,
  res: Response,
  provider: WithOrganizations,
  /** `skipped`: the person chose to answer later. */
  wanted: string | null,
): Promise<void> {
  const { sessions, log } = services;
  const { id, session } = requiredSession(req);
  // The choice would hold for all who use the application.
  if (provider.grant === 'client_credentials') throw accessDenied(provider);
  const usable = await usableConnection(services, req, provider);
  const isListed = wanted !== null && wanted !== 'skipped';
  const chosen = !isListed ? wanted : pick(await list(services, provider, usable), wanted, provider);
  await chooseOrganization(services, id.browserId, provider, sessions.lifetime(session), chosen);
  const actor = { slot: id.browserId, owner: session.owner, trace: res.locals };
  if (chosen === 'skipped') return;
  log.audit('connection.organization_chosen', actor, { provider: provider.id });
}

export type WithOrganizations = Provider & { organizations: Organizations };

export function providerWithOrganizations({ registry }: Services, req: Request): WithOrganizations {
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
