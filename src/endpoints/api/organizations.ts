import type { Request, RequestHandler, Response } from 'express';
import { accessDenied } from '../../connections/application-access.js';
import { chooseOrganization } from '../../connections/choose-organization.js';
import type { Organization } from '../../connections/connection.js';
import { connectionRef } from '../../connections/connection-ref.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import { missingScopes } from '../../connections/status.js';
import type { ConnectionState } from '../../contract.js';
import { GatehouseError } from '../../errors.js';
import { listOrganizations, type ListedOrganization } from '../../oauth/organizations.js';
import type { Organizations, Provider } from '../../providers/provider.js';
import { withValues } from '../../providers/variables/with-values.js';
import type { Services } from '../../services.js';
import type { ConnectionPageModel } from '../../views/models.js';
import type { FoundConnection } from '../calls/call.js';
import { countedHttp } from '../calls/own-call.js';
import { createTokenUse } from '../calls/token-use.js';
import { redirect } from '../../http/redirect.js';
import { requiredHolder } from '../../middleware/standing.js';
import type { Addresses } from '../../config/addresses.js';
import { applicationConnection } from '../calls/find-connection.js';
import { stateOf } from './connections.js';
import { named, namedConnection, unknownConnection, type NamedConnection } from '../request/named-connection.js';
import { bodyParameters, single } from '../request/parameters.js';
import { requiredSession } from '../request/required-session.js';

/** GET /api/connections/:key/organizations — what the provider lists, and what is chosen. */
export function organizations(services: Services): RequestHandler {
  return async (req, res) => {
    const { provider, stored } = await withOrganizations(services, req);
    const usable = await usableConnection(services, req, provider, stored);
    const listed = await list(services, provider, usable);
    const { organization } = usable.connection;
    res.json({ organizations: listed, selected: organization === undefined ? null : (organization?.id ?? null) });
  };
}

/** PUT /api/connections/:key/organization — `{"id": …}`; null is the personal account. */
export function putOrganization(services: Services): RequestHandler {
  return async (req, res) => {
    const found = await withOrganizations(services, req);
    await saveChoice(services, req, res, found, wantedId(req, found.provider));
    res.json(await stateOf(services, req, found.provider, found.stored?.id));
  };
}

/** POST /connections/:key/organization — the same from a form; an empty value is the personal account. */
export function chooseOrganizationByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const found = await withOrganizations(services, req);
    const wanted = single(bodyParameters(req), 'organization') ?? '';
    await saveChoice(services, req, res, found, wanted === '' ? null : wanted);
    redirect(res, 303, services.addresses.of(`/connections/${String(req.params['key'])}`));
  };
}

/** The chooser of the connection page; absent where there is none, or no list can be had now. */
export async function organizationChoices(
  services: Services,
  req: Request,
  { provider, ...found }: FoundByName,
  { status, organization }: ConnectionState,
): Promise<ConnectionPageModel['organizations']> {
  const { organizations } = provider;
  if (!organizations || !['connected', 'expiring', 'scope_missing', 'organization_required'].includes(status))
    return null;
  const choices = await listForPage(services, req, { ...found, provider: { ...provider, organizations } });
  return choices && { choices, selected: organization?.id ?? null, personal: true };
}

/** What the provider lists; null where no list can be had now. */
export async function listForPage(
  services: Services,
  req: Request,
  { provider, stored }: FoundByName & { provider: WithOrganizations },
): Promise<ListedOrganization[] | null> {
  try {
    return await list(services, provider, await usableConnection(services, req, provider, stored));
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
  { provider, stored }: FoundByName & { provider: WithOrganizations },
  /** `skipped`: the person chose to answer later. */
  wanted: string | null,
): Promise<void> {
  const { log } = services;
  const { id, session } = requiredSession(req);
  // The choice would hold for all who use the application.
  if (provider.grant === 'client_credentials') throw accessDenied(provider);
  const usable = await usableConnection(services, req, provider, stored);
  const isListed = wanted !== null && wanted !== 'skipped';
  const chosen = !isListed ? wanted : pick(await list(services, provider, usable), wanted, provider);
  await chooseOrganization(services, usable.ref, chosen);
  const actor = { slot: id.browserId, owner: session.owner, trace: res.locals };
  if (chosen === 'skipped') return;
  log.audit('connection.organization_chosen', actor, { provider: provider.id });
}

export type WithOrganizations = Provider & { organizations: Organizations };

/** What a path names, in a session that may not have it. */
export interface FoundByName {
  provider: Provider;
  stored?: StoredConnection;
}

/** The connection that the path names. Throws GatehouseError not_found where its provider has no organizations. */
export async function withOrganizations(
  services: Services,
  req: Request,
  key: unknown = req.params['key'],
): Promise<NamedConnection & { provider: WithOrganizations }> {
  const { provider } = named(services.registry, key);
  requiredHolder(req, provider?.id);
  const current = requiredSession(req);
  if (provider && !provider.organizations)
    throw new GatehouseError('not_found', `${provider.name} has no organizations to choose from.`, provider.id);
  const found = await namedConnection(services, req, key);
  const { organizations } = found.provider;
  if (!organizations) throw unknownConnection();
  return { ...found, current, provider: { ...found.provider, organizations } };
}

/** Of the session, or the operator's own where the session may use that: a session never holds an application's token. */
async function usableConnection(
  services: Services,
  req: Request,
  provider: Provider,
  stored: StoredConnection | undefined,
): Promise<FoundConnection> {
  const current = requiredSession(req);
  const { id, session } = current;
  if (provider.grant === 'client_credentials')
    return {
      browserId: id.browserId,
      session,
      ...(await applicationConnection(services, requiredHolder(req), provider, req)),
    };
  const ref = connectionRef(requiredHolder(req, provider.id), provider, stored?.cell ?? provider.id, req.res?.locals);
  return { browserId: id.browserId, session, ref, connection: await services.access.usable(ref, stored) };
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
    const filled = withValues(provider, connection.variables);
    const asked = { ...filled, organizations: filled.organizations ?? provider.organizations };
    const listed = await listOrganizations(http, asked, connection.tokens.accessToken, anotherToken);
    refusedTokens.accepted(ref, use.connection);
    return listed;
  } catch (error) {
    if (use.connection !== connection) await refusedTokens.refusedAgain(ref, use.connection);
    throw error;
  }
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
