import type { OwnEmulator, ProviderId } from '../provider-ids.js';

/** `token` counts every call of the token endpoint, `refresh` those of them that carry a refresh token. */
export type CallKind = 'discovery' | 'authorize' | 'token' | 'refresh' | 'revoke' | 'api';
export type CallCounts = Record<CallKind, number>;
export type CountsByProvider = Record<OwnEmulator, CallCounts> & Readonly<Record<string, CallCounts>>;

/** How often each endpoint was called; never what was sent there. */
export interface Calls {
  count(provider: ProviderId, kind: CallKind): void;
  of(provider: ProviderId): CallCounts;
  all(): CountsByProvider;
  reset(): void;
}

export function createCalls(providers: readonly ProviderId[]): Calls {
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
    of: (provider) => ({ ...of(provider) }),
    all: () => Object.fromEntries(providers.map((id) => [id, { ...of(id) }])) as CountsByProvider,
    reset: () => counts.clear(),
  };
}
