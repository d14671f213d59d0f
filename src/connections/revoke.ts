import type { Log } from '../log/log.js';
import type { ServerDirectory } from '../oauth/discovery.js';
import type { Grants } from '../oauth/grants.js';
import type { TokenSet } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';

export type Revocation = 'revoked' | 'not_supported' | 'failed' | 'skipped' | 'not_connected';

export interface Revoker {
  /** Asks the provider to end a grant (RFC 7009); never throws. */
  revoke(provider: Provider, tokens: TokenSet | undefined): Promise<Revocation>;
  /** The same for a connection and one that waited for confirmation beside it; the worst outcome is told. */
  revokeAll(provider: Provider, sets: readonly TokenSet[]): Promise<Revocation>;
  /**
   * Lets go of tokens that arrived too late to be stored. Where revoking one ends the person's whole grant, a newer
   * connection that lives on the same grant is spared: `skipped`.
   */
  dropLate(provider: Provider, tokens: TokenSet, situation: { newerConnection: boolean }): Promise<Revocation>;
}

export function createRevoker({
  directory,
  grants,
  log,
}: {
  directory: ServerDirectory;
  grants: Grants;
  log: Log;
}): Revoker {
  const revoke: Revoker['revoke'] = async (provider, tokens) => {
    const kind = provider.revocation.token;
    if (kind === 'off' || provider.grant === 'client_credentials') return 'not_supported';
    try {
      const server = await directory.get(provider);
      if (server.revocationEndpoint === undefined) return 'not_supported';
      const token = kind === 'refresh_token' ? (tokens?.refreshToken ?? tokens?.accessToken) : tokens?.accessToken;
      if (token === undefined) return 'skipped';
      const used = token === tokens?.refreshToken ? 'refresh_token' : 'access_token';
      const done = await grants.revoke(provider, server, token, used);
      if (!done) log.warn('connection.revocation_failed', { provider: provider.id });
      return done ? 'revoked' : 'failed';
    } catch {
      log.warn('connection.revocation_failed', { provider: provider.id });
      return 'failed';
    }
  };
  return {
    revoke,
    revokeAll: async (provider, sets) => {
      if (sets.length === 0) return revoke(provider, undefined);
      const outcomes = await Promise.all(sets.map((tokens) => revoke(provider, tokens)));
      return outcomes.find((outcome) => outcome === 'failed') ?? outcomes[0] ?? 'skipped';
    },
    dropLate: async (provider, tokens, { newerConnection }) => {
      if (newerConnection && provider.revocation.ends === 'grant') return 'skipped';
      return revoke(provider, tokens);
    },
  };
}
