import type { TokenSet } from '../oauth/token-set.js';

export interface Account {
  /** Names the account at the provider and is compared on reconnect; absent where the provider does not tell. */
  subject?: string;
  /** For a person to read. */
  label?: string;
}

export interface Organization {
  id: string;
  name: string;
}

export type RefreshResult = 'rotated' | 'refreshed' | 'refused' | 'failed';

/** A session's live token set at one provider: the plain form of the encrypted record. Times are milliseconds since the epoch, whole seconds. */
export interface Connection {
  provider: string;
  environment?: string;
  clientId: string;
  connectedAt: number;
  account: Account;
  /** Absent where the grant is over and nothing is kept that could revive it. */
  tokens?: TokenSet;
  /** Scopes that were asked for when this was connected. */
  requestedScopes: readonly string[];
  /** null: the personal account, chosen; absent: never chosen. */
  organization?: Organization | null;
  /** The chosen one is not the account's any longer; calls wait for another choice, and do not fall back to another book. */
  organizationLost?: true;
  lastRefresh?: { at: number; result: RefreshResult };
  /**
   * The provider refused: the person has to connect again. With `tokens` still there (a refusal without a reason) one
   * automatic try is made after `retryAt`.
   */
  refused?: {
    at: number;
    retryAt?: number;
    /** Names the refresh token that was refused. */
    of?: string;
  };
  /**
   * The API refused a token that had just been renewed for its sake. What is told of the connection is that it has to be
   * made again; calls go on, and the first one that the API takes ends this.
   */
  rejected?: { at: number };
}

/** Whether two records of a connection are of one account; where the provider names none, of one sign-in. */
export function isSameAccount(one: Connection, other: Connection): boolean {
  const [a, b] = [one.account.subject, other.account.subject];
  return a === undefined && b === undefined ? one.connectedAt === other.connectedAt : a === b;
}

/** Whether two connections may live on one grant of the same account at the provider: not where both name it and differ. */
export function mayShareGrant({ account: one }: Connection, { account: other }: Connection): boolean {
  return one.subject === undefined || other.subject === undefined || one.subject === other.subject;
}
