import { GatehouseError } from '../../errors.js';
import { TokenEndpointError } from '../../oauth/token-response.js';
import type { Provider } from '../../providers/provider.js';
import { StoreUnavailableError } from '../../store/store.js';
import type { Pause } from './pause.js';

/** What a failed renewal means for the connection. */
export interface RefreshFailure {
  outcome: 'dead' | 'presumed_dead' | 'configuration' | 'transient';
  code: string;
  retryAfter?: number;
}

/** Undefined for an error that says nothing about the grant, such as a store that is down. */
export function classify(error: unknown, provider: Provider): RefreshFailure | undefined {
  if (error instanceof GatehouseError && error.code === 'discovery_pending')
    return { outcome: 'transient', code: error.code };
  if (error instanceof GatehouseError && error.code === 'provider_misconfigured')
    return { outcome: 'configuration', code: error.code };
  if (!(error instanceof TokenEndpointError)) return undefined;
  const { kind, code, retryAfter } = error;
  // An application has no grant that could end, and nobody who could connect again: its refusals are the operator's.
  const refused = kind === 'dead_grant' || kind === 'unrecognised';
  if (refused && provider.grant === 'client_credentials') return { outcome: 'configuration', code };
  // A token of another type than the one that was granted cannot be used and was not asked for.
  if (kind === 'dead_grant' || (kind === 'malformed' && code === 'token_type')) return { outcome: 'dead', code };
  if (kind === 'unrecognised') return { outcome: 'presumed_dead', code };
  if (kind === 'configuration') return { outcome: 'configuration', code };
  return { outcome: 'transient', code, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

export function reauthRequired(provider: Provider, cause?: unknown, reason?: 'account_changed'): GatehouseError {
  return new GatehouseError('reauth_required', `The access to ${provider.name} has ended. Connect it again.`, {
    provider: provider.id,
    cause,
    ...(reason === undefined ? {} : { reason }),
  });
}

export function notConnected(provider: Provider): GatehouseError {
  return new GatehouseError(
    'not_connected',
    `${provider.name} is not connected in this session. Connect it first.`,
    provider.id,
  );
}

function misconfigured(provider: Provider, cause: unknown): GatehouseError {
  return new GatehouseError(
    'provider_misconfigured',
    `${provider.name} does not accept this server's own registration. The connection is kept; the administrator has to act.`,
    { provider: provider.id, retryAfter: 30, cause },
  );
}

export function unavailable(provider: Provider, retryAfter: number, cause?: unknown): GatehouseError {
  return new GatehouseError(
    'refresh_unavailable',
    `${provider.name} cannot renew the access right now. The connection is kept; try again in ${retryAfter} s.`,
    { provider: provider.id, retryAfter, cause },
  );
}

/** What a caller is told while the token endpoint is left alone. `now` is milliseconds since the epoch. */
export function leftAlone(provider: Provider, { kind, until }: Pause, now: number, cause?: unknown): GatehouseError {
  if (kind === 'configuration') return misconfigured(provider, cause);
  return unavailable(provider, Math.max(1, Math.ceil((until - now) / 1000)), cause);
}

/** A failure after which the tokens are as good as before: of the store, of the network, or of the configuration. */
export function saysNothingOfGrant(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  const passing = ['refresh_unavailable', 'provider_misconfigured'];
  return error instanceof GatehouseError && passing.includes(error.code);
}
