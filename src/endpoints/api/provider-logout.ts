import { randomBytes } from 'node:crypto';
import type { Services } from '../../services.js';
import type { Session } from '../../sessions/session-record.js';
import type { Addresses } from '../../config/addresses.js';

/** Where a person can log out at the provider with whose Connect button they had signed in. */
export interface ProviderLogout {
  name: string;
  url: string;
}

/**
 * Undefined where nobody had signed in by a button, and where the provider publishes no such address (OpenID Connect
 * RP-Initiated Logout 1.0). The address never carries the ID token: it would lie in histories and logs.
 */
export async function providerLogout(
  { registry, directory, addresses }: Pick<Services, 'registry' | 'directory'> & { addresses: Addresses },
  session: Session | undefined,
): Promise<ProviderLogout | undefined> {
  const id = session?.person?.provider;
  const provider = id === undefined ? undefined : registry.get(id);
  if (!provider) return undefined;
  const server = await directory.get(provider).catch(() => undefined);
  if (server?.endSessionEndpoint === undefined) return undefined;
  const url = new URL(server.endSessionEndpoint);
  url.searchParams.set('client_id', provider.clientId);
  url.searchParams.set('post_logout_redirect_uri', addresses.home);
  url.searchParams.set('state', randomBytes(16).toString('base64url'));
  return { name: provider.name, url: url.href };
}
