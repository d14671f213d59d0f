import { candidateKey } from '../store/keys.js';
const life = 600_000;
export function createCandidates({ store, vault }) {
    return {
        write: (tag, provider, candidate) => {
            const key = candidateKey(tag, provider);
            return { key, value: vault.seal(key, candidate), ttlMs: life };
        },
        read: async (tag, provider) => {
            const key = candidateKey(tag, provider);
            const sealed = await store.get(key);
            const candidate = sealed && vault.open(key, sealed)?.value;
            return sealed && candidate ? { sealed, candidate } : undefined;
        },
    };
}
