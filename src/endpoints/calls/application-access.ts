import type { StoredConnection } from '../../connections/connection-store.js';
import type { Provider } from '../../providers/provider.js';

/**
 * Whether a session may use the operator's own application: only one that is connected as an account which the provider
 * file's `access` names.
 */
export function mayUseApplication(
  { access }: Provider,
  connectionOf: (provider: string) => StoredConnection | undefined,
): boolean {
  if (access === 'none') return false;
  return access.sessionsWith.some((entry) => {
    const colon = entry.indexOf(':');
    const connection = connectionOf(entry.slice(0, colon))?.connection;
    return connection !== undefined && !connection.refused && connection.account.subject === entry.slice(colon + 1);
  });
}
