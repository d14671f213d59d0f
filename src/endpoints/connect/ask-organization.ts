import type { Request } from 'express';
import { currentSession } from '../../middleware/session.js';
import type { Addresses } from '../../config/addresses.js';
import { chooseOrganization } from '../../connections/choose-organization.js';
import { missingScopes } from '../../connections/status.js';
import { listOrganizations, type ListedOrganization } from '../../oauth/organizations.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';

type Dependencies = Pick<Services, 'http' | 'log' | 'connections' | 'store' | 'sessions'> & { addresses: Addresses };

/** Milliseconds that the provider has for its list, while the person waits for the way back. */
const listTimeoutMs = 5_000;

/**
 * The way back of a person who has just connected: over a page that asks which organization, where there is one and none was
 * chosen yet. A provider that does not give its list in time asks nothing; the only one of a provider that demands a choice is
 * chosen here.
 */
export async function wayBack(
  services: Dependencies,
  req: Request,
  provider: Provider,
  location: string,
): Promise<string> {
  const { organizations } = provider;
  // Nothing is stored before the account is confirmed.
  if (new URL(location).searchParams.get('connected') !== provider.id) return location;
  const current = currentSession(req);
  if (!organizations || !current) return location;
  const connection = (await services.connections.read(current.id.browserId, provider.id))?.connection;
  const isSettled = connection?.organization !== undefined || connection?.organizationSkipped === true;
  if (!connection?.tokens || isSettled) return location;
  if (organizations.scope !== undefined && missingScopes(provider, connection).includes(organizations.scope))
    return location;
  const listing = listOrganizations(services.http, { ...provider, organizations }, connection.tokens.accessToken);
  const listed = await inTime(listing.catch(() => undefined));
  if (!listed) services.log.info('organizations.not_listed', { provider: provider.id });
  const [first, ...others] = listed ?? [];
  if (!first) return location;
  if (organizations.required && others.length === 0) {
    const ttlMs = services.sessions.lifetime(current.session);
    await chooseOrganization(services, current.id.browserId, provider, ttlMs, first);
    return location;
  }
  const query = new URLSearchParams({ connected: provider.id, return_to: location }).toString();
  return `${services.addresses.of(`/connect/${provider.id}/organization`)}?${query}`;
}

function inTime(list: Promise<ListedOrganization[] | undefined>): Promise<ListedOrganization[] | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), listTimeoutMs);
    void list.then((listed) => {
      clearTimeout(late);
      resolve(listed);
    });
  });
}
