import { GatehouseError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import type { Provider } from '../providers/provider.js';
import type { StoredValues } from '../providers/variables/provider-variables.js';
import { askApi } from './api-request.js';

/**
 * A callback or a caller may name anybody's account. It is believed after the API has answered a call that names it with the new
 * token. Throws GatehouseError: nothing is stored.
 */
export async function proveAccount(http: HttpClient, provider: Provider, accessToken: string): Promise<void> {
  const { variables, account, api } = provider;
  if (![...(variables?.declared.values() ?? [])].some((variable) => variable.account)) return;
  const request = account.source === 'api' ? account.request : api.authProbe;
  const answer = request && (await askApi(http, provider, request, accessToken).catch(() => undefined));
  if (answer && answer.status >= 200 && answer.status < 300) return;
  throw new GatehouseError(
    answer && answer.status < 500 ? 'access_denied' : 'upstream_unreachable',
    `${provider.name} did not answer for the account that was named. Nothing was connected; start again.`,
    provider.id,
  );
}

/** Names the account by its values where nothing else does. */
export function accountByValues({ variables }: Provider, values: StoredValues): string | undefined {
  const named = [...(variables?.declared.values() ?? [])].flatMap(({ name, account }) =>
    account && values[name] !== undefined ? [values[name]] : [],
  );
  return named.length > 0 ? named.join(' ') : undefined;
}
