import type { Revocation } from '../contract.js';
import type { Log } from '../log/log.js';
import type { ServerDirectory } from '../oauth/discovery.js';
import type { Grants } from '../oauth/grants.js';
import type { Provider } from '../providers/provider.js';
import { withValues } from '../providers/variables/with-values.js';
import { sharesGrant, type Connection, type Granted } from './connection.js';
import { isTokenEndpointOf } from './origin.js';

/** The one place that ends grants (RFC 7009), and that decides whether a token may be revoked: docs/decisions/0017. */
export interface Revoker {
  /**
   * A person or the operator wants these connections of one session to end, and the provider is asked to end their grants,
   * whatever else lives on them. Never throws; resolves to the worst outcome.
   */
  revokeAll(provider: Provider, connections: readonly Connection[]): Promise<Revocation>;
  /**
   * Gives back tokens that are not used any longer, or never were, where that ends nothing that lives: only where the
   * provider file says `ends: token`, and not those of a grant that one of `living` lives on. What is not known is assumed to
   * end the whole grant, on which connections of other sessions may live. Never throws.
   */
  release(provider: Provider, unused: Granted, living: readonly Connection[]): Promise<Revocation>;
}

interface Dependencies {
  directory: ServerDirectory;
  grants: Grants;
  log: Log;
}

export function createRevoker({ directory, grants, log }: Dependencies): Revoker {
  const revoke = async (offered: Provider, granted: Granted): Promise<Revocation> => {
    const provider = granted.variables ? withValues(offered, granted.variables) : offered;
    const kind = provider.revocation.token;
    if (kind === 'off' || provider.grant === 'client_credentials') return 'not_supported';
    try {
      const server = await directory.get(provider);
      if (server.revocationEndpoint === undefined && provider.revocation.request.path === undefined)
        return 'not_supported';
      const { tokens } = granted;
      const token = kind === 'refresh_token' ? (tokens?.refreshToken ?? tokens?.accessToken) : tokens?.accessToken;
      if (tokens === undefined || token === undefined || !isTokenEndpointOf(server, granted)) return 'skipped';
      const used = token === tokens.accessToken ? 'access_token' : 'refresh_token';
      const doomed = { token, kind: used, accessToken: tokens.accessToken } as const;
      const done = await grants.revoke(provider, server, doomed);
      if (!done) log.warn('connection.revocation_failed', { provider: provider.id });
      return done ? 'revoked' : 'failed';
    } catch {
      log.warn('connection.revocation_failed', { provider: provider.id });
      return 'failed';
    }
  };

  return {
    revokeAll: async (provider, connections) => {
      if (connections.length === 0) return revoke(provider, {});
      const outcomes = await Promise.all(connections.map((connection) => revoke(provider, connection)));
      return outcomes.find((outcome) => outcome === 'failed') ?? outcomes[0] ?? 'skipped';
    },
    release: async (provider, unused, living) => {
      if (provider.revocation.ends !== 'token') return 'skipped';
      if (living.some((each) => sharesGrant(unused, each))) return 'skipped';
      return revoke(provider, unused);
    },
  };
}
