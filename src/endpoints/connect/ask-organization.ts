import type { Request } from 'express';
import { currentHolder } from '../../middleware/standing.js';
import type { Addresses } from '../../config/addresses.js';
import { chooseOrganization } from '../../connections/choose-organization.js';
import { connectionRef } from '../../connections/connection-ref.js';
import { meantBy } from '../../connections/held-connections.js';
import { missingScopes } from '../../connections/status.js';
import { listOrganizations, type ListedOrganization } from '../../oauth/organizations.js';
import type { Provider } from '../../providers/provider.js';
import { withValues } from '../../providers/variables/with-values.js';
import type { Services } from '../../services.js';

type Dependencies = Services & { addresses: Addresses };

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
  const id = connectedIn(location, provider);
  const holder = currentHolder(req);
  if (!organizations || !holder || id === undefined) return location;
  const [stored] = meantBy(await services.held.read(holder.slot), { provider, id });
  const connection = stored?.connection;
  const isSettled = connection?.organization !== undefined || connection?.organizationSkipped === true;
  if (!stored || !connection?.tokens || isSettled) return location;
  if (organizations.scope !== undefined && missingScopes(provider, connection).includes(organizations.scope))
    return location;
  const filled = withValues(provider, connection.variables);
  const asked = { ...filled, organizations: filled.organizations ?? organizations };
  const listing = listOrganizations(services.http, asked, connection.tokens.accessToken);
  const listed = await inTime(listing.catch(() => undefined));
  if (!listed) services.log.info('organizations.not_listed', { provider: provider.id });
  const [first, ...others] = listed ?? [];
  if (!first) return location;
  if (organizations.required && others.length === 0) {
    await chooseOrganization(services, connectionRef(holder, provider, stored.cell), first);
    return location;
  }
  const query = new URLSearchParams({ connected: provider.id, connection: id, return_to: location }).toString();
  return `${services.addresses.of(`/connect/${provider.id}/organization`)}?${query}`;
}

/** The id of the connection that an address says was made. */
function connectedIn(location: string, provider: Provider): string | undefined {
  const { searchParams } = new URL(location);
  return searchParams.get('connected') === provider.id ? (searchParams.get('connection') ?? undefined) : undefined;
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
