import { connectionKey } from '../store/keys.js';
export function createConnectionStore({ store, vault, log, }) {
    const remembered = new Map();
    const complained = new Set();
    const open = (key, sealed) => {
        const known = remembered.get(key);
        if (known !== undefined && (known.sealed === sealed || known.sealed.equals(sealed)))
            return known;
        const opened = vault.open(key, sealed);
        const stored = {
            key,
            sealed,
            agedKey: opened?.current === false,
            ...(opened ? { connection: opened.value } : {}),
        };
        if (!opened)
            complain(key);
        if (remembered.size >= 10_000)
            remembered.clear();
        remembered.set(key, stored);
        return stored;
    };
    /** Once per record: a damaged one is asked for again and again. */
    const complain = (key) => {
        if (complained.has(key))
            return;
        if (complained.size >= 10_000)
            complained.clear();
        complained.add(key);
        log.error('connection.unreadable', { provider: key.slice(key.lastIndexOf(':') + 1) });
    };
    return {
        open,
        read: async (tag, provider) => {
            const key = connectionKey(tag, provider);
            const sealed = await store.get(key);
            return sealed && open(key, sealed);
        },
        readAll: async (tag, providers) => {
            const keys = providers.map((provider) => connectionKey(tag, provider));
            const records = keys.length > 0 ? await store.getMany(keys) : [];
            return new Map(providers.flatMap((provider, index) => {
                const [key, sealed] = [keys[index], records[index]];
                return key !== undefined && sealed ? [[provider, open(key, sealed)]] : [];
            }));
        },
        seal: vault.seal,
        unchanged: ({ key, sealed }) => ({ key, equals: sealed }),
    };
}
