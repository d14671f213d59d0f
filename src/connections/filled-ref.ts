import type { StoredValues } from '../providers/variables/provider-variables.js';
import { withValues } from '../providers/variables/with-values.js';
import type { ConnectionRef } from './connection-ref.js';

/** The same connection, with its provider as it sees it: the addresses that its values lead to. */
export function filledRef(ref: ConnectionRef, connection: { variables?: StoredValues } | undefined): ConnectionRef {
  return ref.provider.variables ? { ...ref, provider: withValues(ref.provider, connection?.variables) } : ref;
}
