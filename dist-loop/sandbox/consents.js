export function createConsents() {
    const scopes = new Map();
    const key = (person, client) => `${person} ${client}`;
    return {
        of: (person, client) => scopes.get(key(person, client)),
        remember(person, client, allowed) {
            scopes.set(key(person, client), new Set([...(scopes.get(key(person, client)) ?? []), ...allowed]));
        },
        forget: (person, client) => void scopes.delete(key(person, client)),
        reset: () => scopes.clear(),
    };
}
