import type { HttpClient } from '../../http/client.js';
import { askApi } from '../../oauth/api-request.js';
import type { Provider } from '../../providers/provider.js';
import type { ApiRequest } from '../../providers/schema.js';
import type { ConnectionRef } from '../connection-ref.js';
import { createAskOnce } from './ask-once.js';

/**
 * Where a failure status has another meaning, too, the provider's own test call decides whether the token is at fault.
 * Undefined where the provider has no test call.
 */
export type TestCall = (ref: ConnectionRef, accessToken: string) => Promise<boolean> | undefined;

export function createTestCall({ http, now }: { http: HttpClient; now: () => number }): TestCall {
  const askOnce = createAskOnce(now);
  return ({ provider, key }, accessToken) => {
    const { authProbe } = provider.api;
    return authProbe && askOnce(key, accessToken, () => isRefused(http, provider, authProbe, accessToken));
  };
}

async function isRefused(
  http: HttpClient,
  provider: Provider,
  probe: ApiRequest,
  accessToken: string,
): Promise<boolean> {
  try {
    const { status } = await askApi(http, provider, probe, accessToken);
    return provider.api.authFailureStatus.includes(status);
  } catch {
    return false;
  }
}
