import type { ConnectionState } from '../../contract.js';
import type { Provider } from '../../providers/provider.js';
import type { ConnectionModel } from '../../views/models.js';

interface Surroundings {
  /** In development, for when the provider shows an error of its own. */
  redirectUri?: string | undefined;
  /** Whether its provider has more than this one. */
  several: boolean;
  /** Whether there may be one more. */
  addable: boolean;
}

/** A connection's state for a page, with what its provider file has to say about it. */
export function connectionModel(
  provider: Provider,
  state: ConnectionState,
  { redirectUri, several, addable }: Surroundings,
): ConnectionModel {
  const missing = state.status === 'scope_missing' ? (state.scopes?.missing ?? []) : [];
  const { another, note } = provider.account;
  const connectable = state.links.connect !== null;
  return {
    ...state,
    connectable,
    several,
    addable: addable && connectable && state.id !== null,
    key: several && state.id !== null ? state.id : provider.id,
    redirect_uri: connectable ? (redirectUri ?? null) : null,
    hints: missing.flatMap((scope) => provider.scopeHints.get(scope) ?? []),
    ...(another === undefined ? {} : { another }),
    ...(note === undefined ? {} : { account_note: note }),
  };
}
