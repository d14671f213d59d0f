import type { ConnectionState } from '../../contract.js';
import type { Provider } from '../../providers/provider.js';
import type { ConnectionModel } from '../../views/models.js';

/**
 * A connection's state for a page, with what its provider file has to say about it. `redirectUri`: in development, for when the
 * provider shows an error of its own.
 */
export function connectionModel(provider: Provider, state: ConnectionState, redirectUri?: string): ConnectionModel {
  const missing = state.status === 'scope_missing' ? (state.scopes?.missing ?? []) : [];
  const { another, note } = provider.account;
  const connectable = state.links.connect !== null;
  return {
    ...state,
    connectable,
    redirect_uri: connectable ? (redirectUri ?? null) : null,
    hints: missing.flatMap((scope) => provider.scopeHints.get(scope) ?? []),
    ...(another === undefined ? {} : { another }),
    ...(note === undefined ? {} : { account_note: note }),
  };
}
