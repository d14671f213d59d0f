import type { RefreshResult } from '../contract.js';
import type { IdTokenIdentity } from '../oauth/id-token.js';
import type { TokenSet } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import { isSameAccountByValues } from '../providers/variables/with-values.js';
import type { StoredValues } from '../providers/variables/provider-variables.js';
import type { ConnectionOrigin } from './origin.js';

export interface Account {
  /** Names the account at the provider, and is compared on reconnect; absent where the provider names none. */
  subject?: string;
  /** For a person to read. */
  label?: string;
}

export interface Organization {
  id: string;
  name: string;
}

/**
 * A holder's live token set at one provider: the plain form of the encrypted record. Times are milliseconds since the epoch,
 * whole seconds.
 */
export interface Connection {
  /** Stays when the connection is renewed or reconnected (docs/connections.md). */
  id: string;
  /** The person's own name for it; absent: the account's label. */
  label?: string;
  provider: string;
  environment?: string;
  clientId: string;
  /** Where it was made, beside environment and client; absent in what releases before 0.3 wrote. */
  origin?: ConnectionOrigin;
  connectedAt: number;
  /** Names the sign-in that its refresh token comes from; absent in what releases before 0.3 wrote. */
  grantId?: string;
  /** What the verified ID token of the sign-in said; absent where there was none. */
  identity?: IdTokenIdentity;
  account: Account;
  /** The account has no name, and the person knows: reconnecting asks no more. */
  unnamed?: true;
  /** The values of the provider file's variables; absent in what releases before 0.3 wrote, and where the file has none. */
  variables?: StoredValues;
  /** Absent where the grant is over and nothing is kept that could revive it. */
  tokens?: TokenSet;
  /** Scopes that were asked for when this was connected. */
  requestedScopes: readonly string[];
  /** null: the personal account, chosen; absent: never chosen. */
  organization?: Organization | null;
  /** The person was asked and left it open: the question is not put again. */
  organizationSkipped?: true;
  /** The account has left the chosen one. Calls wait for another choice and do not fall back to another book. */
  organizationLost?: true;
  lastRefresh?: { at: number; result: RefreshResult };
  /**
   * The authorization server refused: the person has to connect again. With `tokens` still there (a refusal without a
   * reason) one automatic attempt is made after `retryAt`.
   */
  refused?: {
    at: number;
    retryAt?: number;
    /** Names the refresh token that was refused. */
    of?: string;
    /** Why, where it was not the grant that ended. */
    reason?: 'account_changed';
  };
  /**
   * The API rejected a token that was refreshed for its sake. The reported status is `reauth_required`; calls go on, and
   * the first token that the API accepts removes this.
   */
  rejected?: { at: number };
  /** Refreshes because the API rejected a token: when the last one was, how many, and how many in vain. */
  rejectionRefreshes?: RejectionRefreshes;
}

export interface RejectionRefreshes {
  at: number;
  count: number;
  vain: number;
  /** The last one: the API rejected its token as well. */
  isInVain?: true;
}

/** Whether two records of a connection are of one account; where the provider names none, of one sign-in. */
export function isSameAccount(one: Connection, other: Connection, provider?: Provider): boolean {
  if (provider && !isSameAccountByValues(provider, one.variables, other.variables)) return false;
  const [a, b] = [one.account.subject, other.account.subject];
  return a === undefined && b === undefined ? one.connectedAt === other.connectedAt : a === b;
}

/** Tokens, and which sign-in they come from as far as that is known. */
export type Granted = Pick<Connection, 'tokens' | 'grantId' | 'origin' | 'variables'> &
  Partial<Pick<Connection, 'connectedAt'>>;

/** Whether both hold tokens of one sign-in, or the very same token. */
export function sharesGrant(one: Granted, other: Granted): boolean {
  const [a, b] = [one.tokens, other.tokens];
  if (a?.refreshToken !== undefined && a.refreshToken === b?.refreshToken) return true;
  if (a !== undefined && a.accessToken === b?.accessToken) return true;
  const grant = grantOf(one);
  return grant !== undefined && grant === grantOf(other);
}

/** Names the sign-in that a connection comes from. */
export function grantOf({ grantId, connectedAt }: Granted): string | undefined {
  return grantId ?? connectedAt?.toString();
}
