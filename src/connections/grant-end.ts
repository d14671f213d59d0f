import type { Provider } from '../providers/provider.js';
import type { Connection } from './connection.js';

const dayMs = 86_400_000;

/** When a grant ends that was refreshed all the time, by the provider file; undefined where the file names no end. */
export function grantEndsAt({ token, grant }: Provider, { connectedAt }: Connection): number | undefined {
  if (token.refreshMaxDays === undefined || grant === 'client_credentials') return undefined;
  return connectedAt + token.refreshMaxDays * dayMs;
}
