import { LRUCache } from 'lru-cache';
import { GatehouseError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import type { Log } from '../log/log.js';
import { readAccount } from '../oauth/account.js';
import { askApi } from '../oauth/api-request.js';
import type { ServerDirectory } from '../oauth/discovery.js';
import { isExpired } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import { withValues } from '../providers/variables/with-values.js';
import type { ProviderRegistry } from '../providers/registry.js';
import type { Access } from './access.js';
import { connectionRef, type ConnectionRef } from './connection-ref.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import { meantBy, type Held, type HeldConnections } from './held-connections.js';
import type { Holder } from './holder.js';
import type { LiveConnection } from './refresh/refreshed-connection.js';
import type { Refresher } from './refresh/refresher.js';

/** Who may use the operator's own application: sessions that are connected as an account which the file's `access` names. */
export interface ApplicationAccess {
  /** By the records alone, for a listing. */
  isNamed(provider: Provider, held: Held): boolean;
  /**
   * Throws GatehouseError access_denied unless a named connection of the session can be used now, and its provider has
   * confirmed it within the last minutes.
   */
  require(provider: Provider, holder: Holder, trace?: ConnectionRef['trace']): Promise<void>;
}

interface Dependencies {
  registry: ProviderRegistry;
  held: HeldConnections;
  connections: ConnectionStore;
  access: Access;
  refresher: Refresher;
  directory: ServerDirectory;
  http: HttpClient;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Milliseconds for which a provider's word that the connection lives is believed. */
const proofLifeMs = 300_000;

export function createApplicationAccess(dependencies: Dependencies): ApplicationAccess {
  const { registry, held, connections, access, refresher, directory, http, log, now } = dependencies;
  /** By access token: when the provider accepted it, in milliseconds since the epoch. */
  const proofs = new LRUCache<string, number>({ max: 10_000 });
  const underWay = new Map<string, Promise<boolean>>();

  /** The connections that decide: of a provider that is offered, and of the account that the file names. */
  const named = ({ access: rule }: Provider): { provider: Provider; subject: string }[] => {
    if (rule === 'none') return [];
    return rule.sessionsWith.flatMap((entry) => {
      const colon = entry.indexOf(':');
      const provider = registry.get(entry.slice(0, colon));
      if (!provider || provider.grant === 'client_credentials') return [];
      return [{ provider, subject: entry.slice(colon + 1) }];
    });
  };

  const isUsable = ({ connection }: StoredConnection, subject: string): boolean => {
    const { tokens, refused, account } = connection ?? {};
    if (!tokens || refused || account?.subject !== subject) return false;
    return tokens.refreshToken !== undefined || !isExpired(tokens, now());
  };

  /** Any of the holder's connections may be the one. */
  const deciding = (provider: Provider, all: Held) =>
    named(provider).flatMap((rule) =>
      meantBy(all, rule)
        .filter((stored) => isUsable(stored, rule.subject))
        .map((stored) => ({ ...rule, stored })),
    );

  /** One question for all calls that wonder at the same time. */
  const isProven = (ref: ConnectionRef, stored: StoredConnection, subject: string): Promise<boolean> => {
    const known = underWay.get(ref.key) ?? prove(ref, stored, subject).finally(() => underWay.delete(ref.key));
    underWay.set(ref.key, known);
    return known;
  };

  const prove = async (ref: ConnectionRef, stored: StoredConnection, subject: string): Promise<boolean> => {
    const connection = await access.usable(ref, stored);
    if (connection.account.subject !== subject) return false;
    const { accessToken, obtainedAt } = connection.tokens;
    const provenAt = Math.max(obtainedAt, proofs.get(accessToken) ?? 0);
    if (now() - provenAt < proofLifeMs) return true;
    if (await isConfirmed(ref.provider, connection)) {
      proofs.set(accessToken, now());
      return true;
    }
    if (connection.tokens.refreshToken === undefined) return false;
    const refreshed = await refresher.refresh(ref, await connections.read(ref.slot, ref.cell));
    return refreshed.account.subject === subject && now() - refreshed.tokens.obtainedAt < proofLifeMs;
  };

  /** By the account request, else by the provider's own test call; false where neither says so. */
  const isConfirmed = async (offered: Provider, connection: LiveConnection): Promise<boolean> => {
    const { account, tokens, variables } = connection;
    const provider = withValues(offered, variables);
    const { authProbe } = provider.api;
    if (provider.account.source === 'api' || provider.account.source === 'userinfo') {
      const server = await directory.get(provider);
      const found = await readAccount({ http, log }, provider, server, tokens, undefined);
      return found.subject !== undefined && found.subject === account.subject;
    }
    if (!authProbe) return false;
    const response = await askApi(http, provider, authProbe, tokens.accessToken).catch(() => undefined);
    return response !== undefined && response.status < 300 && !provider.api.authFailureStatus.includes(response.status);
  };

  return {
    isNamed: (provider, all) => deciding(provider, all).length > 0,

    require: async (provider, holder, trace) => {
      const failures: unknown[] = [];
      for (const { stored, provider: other, subject } of deciding(provider, await held.read(holder.slot))) {
        try {
          if (await isProven(connectionRef(holder, other, stored.cell, trace), stored, subject)) return;
        } catch (error) {
          // The connection has ended, or cannot be proved right now; another one may do.
          if (!isEnd(error)) failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
      throw accessDenied(provider);
    },
  };
}

export function accessDenied(provider: Provider): GatehouseError {
  return new GatehouseError(
    'access_denied',
    `This session may not use the operator's own account at ${provider.name}.`,
    provider.id,
  );
}

function isEnd(error: unknown): boolean {
  return error instanceof GatehouseError && ['reauth_required', 'not_connected'].includes(error.code);
}
