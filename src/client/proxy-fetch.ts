import { announceIfChanged } from './changes.js';
import { errorOf, GatehouseError } from './gatehouse-error.js';
import { addressOf, checkedKey, isConnectionId } from './requests.js';

/**
 * Calls the provider's API through Gatehouse. `key` is a connection's id, or a provider's with one connection; `path` is below the provider's base URL. Answers whatever the provider says,
 * whatever its status; throws GatehouseError where Gatehouse itself answered, and what fetch throws where nobody did.
 */
export async function proxyFetch(key: string, path: string, init: RequestInit = {}): Promise<Response> {
  const folder = addressOf(`proxy/${checkedKey(key)}/`);
  const provider = isConnectionId(key) ? undefined : key;
  const url = new URL(folder + path.replace(/^\//, ''));
  if (!url.href.startsWith(folder))
    throw new GatehouseError({
      code: 'invalid_request',
      detail: "The path leads out of the provider's API.",
      provider,
    });
  const headers = new Headers(init.headers);
  headers.set('X-CSRF', '1');
  const answer = await globalThis.fetch(url, { ...init, headers, credentials: 'include' });
  if (!answer.headers.has('X-Gatehouse-Error')) return answer;
  const error = await errorOf(answer, provider);
  if (error.status === 401 || error.status === 409) void announceIfChanged();
  throw error;
}
