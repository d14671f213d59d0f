import { providerIds, type ProviderId } from '../provider-ids.js';

/** `token` counts every call of the token endpoint, `refresh` those of them that carry a refresh token. */
export type CallKind = 'discovery' | 'authorize' | 'token' | 'refresh' | 'revoke' | 'api';
export type CallCounts = Record<CallKind, number>;

/** How often each endpoint was called; never what was sent there. */
export interface Calls {
  count(provider: ProviderId, kind: CallKind): void;
  all(): Record<ProviderId, CallCounts>;
  reset(): void;
}

export function createCalls(): Calls {
  const zero = (): CallCounts => ({ discovery: 0, authorize: 0, token: 0, refresh: 0, revoke: 0, api: 0 });
  const counts = new Map<ProviderId, CallCounts>();
  const of = (provider: ProviderId) => {
    const known = counts.get(provider) ?? zero();
    counts.set(provider, known);
    return known;
  };
  return {
    count(provider, kind) {
      of(provider)[kind] += 1;
    },
    all: () => Object.fromEntries(providerIds.map((id) => [id, { ...of(id) }])) as Record<ProviderId, CallCounts>,
    reset: () => counts.clear(),
  };
}
