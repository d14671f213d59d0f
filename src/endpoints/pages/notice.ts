import type { Request } from 'express';
import { revocations, type ConnectionState } from '../../contract.js';
import type { Provider } from '../../providers/provider.js';
import type { ProviderRegistry } from '../../providers/registry.js';
import type { NoticeModel } from '../../views/models.js';
import { isCode } from '../request/pages.js';

/**
 * What happened just before, as far as the query names things of ours; anybody may have written that query, and an address is
 * kept for longer than it is true: what the connections' states contradict is not told. `page`: the provider whose page this
 * is; a failure told on it is that provider's.
 */
export function noticeOf(
  req: Request,
  registry: ProviderRegistry,
  states: readonly ConnectionState[],
  page?: Provider,
): NoticeModel | null {
  const { connected, connect_error: code, request_id: id, disconnected, revocation, connection } = req.query;
  const named = typeof connection === 'string' ? connection : undefined;
  const stateOf = (provider: string) =>
    states.find((state) => state.provider === provider && (named === undefined || state.id === named));
  if (typeof connected === 'string' && registry.get(connected)) {
    const state = stateOf(connected);
    if (hasEnded(state?.status)) return null;
    return { kind: 'connected', provider: connected, ...(state?.id == null ? {} : { connection: state.id }) };
  }
  if (isCode(code)) {
    const known = typeof id === 'string' && /^[\w-]{12}$/.test(id);
    return {
      ...{ kind: 'connect_error', code },
      ...(page ? { provider: page.id } : {}),
      ...(page?.registrationHint && code === 'provider_misconfigured' ? { hint: page.registrationHint } : {}),
      ...(known ? { request_id: id } : {}),
    };
  }
  const gone = typeof disconnected === 'string' ? registry.get(disconnected) : undefined;
  const outcome = revocations.find((each) => each === revocation);
  if (!gone || !outcome || !hasEnded(stateOf(gone.id)?.status)) return null;
  const others = states.some((state) => state.provider === gone.id && state.id !== null);
  return {
    ...{ kind: 'disconnected', provider: gone.id, revocation: outcome, others },
    ...(gone.afterDisconnect === undefined ? {} : { after_disconnect: gone.afterDisconnect }),
  };
}

function hasEnded(status: ConnectionState['status'] | undefined): boolean {
  return status === undefined || status === 'not_connected' || status === 'reauth_required';
}
