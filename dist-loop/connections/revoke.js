export function createRevoker({ directory, grants, log, }) {
    const revoke = async (provider, tokens) => {
        const kind = provider.revocation.token;
        if (kind === 'off' || provider.grant === 'client_credentials')
            return 'not_supported';
        try {
            const server = await directory.get(provider);
            if (server.revocationEndpoint === undefined)
                return 'not_supported';
            const token = kind === 'refresh_token' ? (tokens?.refreshToken ?? tokens?.accessToken) : tokens?.accessToken;
            if (token === undefined)
                return 'skipped';
            const used = token === tokens?.refreshToken ? 'refresh_token' : 'access_token';
            const done = await grants.revoke(provider, server, token, used);
            if (!done)
                log.warn('connection.revocation_failed', { provider: provider.id });
            return done ? 'revoked' : 'failed';
        }
        catch {
            log.warn('connection.revocation_failed', { provider: provider.id });
            return 'failed';
        }
    };
    return {
        revoke,
        revokeAll: async (provider, sets) => {
            if (sets.length === 0)
                return revoke(provider, undefined);
            const outcomes = await Promise.all(sets.map((tokens) => revoke(provider, tokens)));
            return outcomes.find((outcome) => outcome === 'failed') ?? outcomes[0] ?? 'skipped';
        },
        dropLate: async (provider, tokens, { newerConnection }) => {
            if (newerConnection && provider.revocation.ends === 'grant')
                return;
            await revoke(provider, tokens);
        },
    };
}
