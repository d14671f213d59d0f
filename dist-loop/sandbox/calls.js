import { providerIds } from './provider-ids.js';
export function createCalls() {
    const zero = () => ({ discovery: 0, authorize: 0, token: 0, refresh: 0, revoke: 0, api: 0 });
    const counts = new Map();
    const of = (provider) => {
        const known = counts.get(provider) ?? zero();
        counts.set(provider, known);
        return known;
    };
    return {
        count(provider, kind) {
            of(provider)[kind] += 1;
        },
        all: () => Object.fromEntries(providerIds.map((id) => [id, { ...of(id) }])),
        reset: () => counts.clear(),
    };
}
