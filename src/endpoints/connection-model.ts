import type { ConnectionState } from '../connections/status.js';
import type { Provider } from '../providers/provider.js';
import type { ConnectionModel } from '../views/models.js';

/** A connection's state for a page, with what its provider file has to say about it. */
export function connectionModel(provider: Provider, state: ConnectionState): ConnectionModel {
  const missing = state.status === 'scope_missing' ? (state.scopes?.missing ?? []) : [];
  const { another } = provider.account;
  return {
    ...state,
    connectable: state.links.connect !== null,
    hints: missing.flatMap((scope) => provider.scopeHints.get(scope) ?? []),
    ...(another === undefined ? {} : { another }),
  };
}
