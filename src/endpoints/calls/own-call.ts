import type { HttpClient } from '../../http/client.js';
import type { Services } from '../../services.js';
import type { FoundConnection } from './call.js';
import { partiesOf } from './called-connections.js';

/**
 * The client for calls to an API that a page of ours makes for a session: they count as the session's calls, and take a place
 * at the API as every call does. Throws GatehouseError rate_limited or upstream_busy besides.
 */
export function countedHttp(
  {
    apiHttp,
    callLimit,
    accountLimits,
    forwarder,
  }: Pick<Services, 'apiHttp' | 'callLimit' | 'accountLimits' | 'forwarder'>,
  found: FoundConnection,
): HttpClient {
  const { provider } = found.ref;
  const { api, clientCertificate } = provider;
  const places = forwarder.placesAt(api.baseUrl, api.certificate ? clientCertificate : undefined);
  return async (...request) => {
    const leave = callLimit.enter(found.browserId, provider.id);
    try {
      const leaveAccount = await accountLimits.enter(found.ref, found.connection);
      try {
        return await places.within(partiesOf(found), () => apiHttp(...request));
      } finally {
        leaveAccount();
      }
    } finally {
      leave();
    }
  };
}
