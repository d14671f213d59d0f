/** Scopes that a person allowed a client before, for servers that do not ask twice. */
export interface Consents {
  of(person: string, client: string): ReadonlySet<string> | undefined;
  remember(person: string, client: string, scopes: readonly string[]): void;
  forget(person: string, client: string): void;
  reset(): void;
}

export function createConsents(): Consents {
  const scopes = new Map<string, Set<string>>();
  const key = (person: string, client: string) => `${person} ${client}`;
  return {
    of: (person, client) => scopes.get(key(person, client)),
    remember(person, client, allowed) {
      scopes.set(key(person, client), new Set([...(scopes.get(key(person, client)) ?? []), ...allowed]));
    },
    forget: (person, client) => void scopes.delete(key(person, client)),
    reset: () => scopes.clear(),
  };
}
