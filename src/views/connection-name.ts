import type { ConnectionChoice } from '../contract.js';
import { formatTime } from './format.js';
import type { Locale } from './locale.js';

/** What a person can tell a connection by. */
export type Labelled = Pick<ConnectionChoice, 'id' | 'label' | 'account'> | (Omit<ConnectionChoice, 'id'> & Since);

interface Since {
  id: string | null;
  connected_at?: string | null;
}

export type Titled = Labelled & { name: string; several: boolean };

/** Its label; of an account without a name its subject, else when it was connected, else its id. */
export function labelOf(connection: Labelled, locale: Locale): string {
  const { id, label, account } = connection;
  const since = 'connected_at' in connection && connection.connected_at ? connection.connected_at : undefined;
  return label ?? account?.subject ?? (since === undefined ? (id ?? '') : formatTime(since, locale));
}

/** The provider's name, and the label where that alone would not tell which connection is meant. */
export function titleOf(connection: Titled, locale: Locale): string {
  const { name, several } = connection;
  return several ? `${name}: ${labelOf(connection, locale)}` : name;
}

/** The connections of each provider together, in the order in which the providers come first. */
export function byProvider<One extends { provider: string }>(connections: readonly One[]): [string, One[]][] {
  const groups = new Map<string, One[]>();
  for (const connection of connections) {
    const group = groups.get(connection.provider);
    if (group) group.push(connection);
    else groups.set(connection.provider, [connection]);
  }
  return [...groups];
}
