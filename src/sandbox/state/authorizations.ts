import { randomUUID } from 'node:crypto';
import type { Client } from './clients.js';
import type { Clock } from './clock.js';
import type { Person } from './people.js';
import { verifierMatches, type Challenge } from '../pkce.js';

/** What one person allowed one client, once. Codes and tokens hang on it and end with it. */
export interface Authorization {
  readonly id: string;
  readonly client: Client;
  /** Undefined: the client acts for itself. */
  readonly person: Person | undefined;
  readonly company: string | undefined;
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
  readonly nonce: string | undefined;
  alive: boolean;
}

export interface Code {
  readonly authorization: Authorization;
  readonly redirectUri: string;
  readonly challenge: Challenge | undefined;
  /** Seconds since the epoch, as in every record here. */
  readonly expiresAt: number;
  used: boolean;
}

export interface Token {
  readonly value: string;
  readonly authorization: Authorization;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  /** Infinity: never. */
  readonly expiresAt: number;
  alive: boolean;
}

export type CodeRefusal = 'unknown' | 'used' | 'expired' | 'client' | 'redirect_uri' | 'verifier';

export interface Exchange {
  readonly code: string | undefined;
  readonly client: Client;
  /** Undefined: the server does not compare it when the client leaves it out. */
  readonly redirectUri: string | undefined;
  readonly verifier: string | undefined;
}

export interface Authorizations {
  add(wanted: Omit<Authorization, 'id' | 'alive'>): Authorization;
  all(): Authorization[];
  addCode(value: string, code: Omit<Code, 'used'>): void;
  /** Takes a code out of circulation, whether or not it turns out to be good. */
  takeCode(exchange: Exchange): { code: Code } | { refused: CodeRefusal; code?: Code };
  addAccess(token: Omit<Token, 'alive'>): Token;
  addRefresh(token: Omit<Token, 'alive'>): Token;
  access(value: string | undefined): Token | undefined;
  refresh(value: string | undefined): Token | undefined;
  accessOf(authorization: Authorization): Token[];
  refreshOf(authorization: Authorization): Token[];
}

export function createAuthorizations(clock: Clock): Authorizations {
  const authorizations = new Map<string, Authorization>();
  const codes = new Map<string, Code>();
  const accessTokens = new Map<string, Token>();
  const refreshTokens = new Map<string, Token>();
  const add = (tokens: Map<string, Token>, token: Omit<Token, 'alive'>) => {
    const record = { ...token, alive: true };
    tokens.set(token.value, record);
    return record;
  };
  const of = (tokens: Map<string, Token>, authorization: Authorization) =>
    [...tokens.values()].filter((token) => token.authorization === authorization);
  return {
    add(wanted) {
      const authorization = { ...wanted, id: randomUUID(), alive: true };
      authorizations.set(authorization.id, authorization);
      return authorization;
    },
    all: () => [...authorizations.values()],
    addCode: (value, code) => void codes.set(value, { ...code, used: false }),
    takeCode({ code: value, client, redirectUri, verifier }) {
      const code = codes.get(value ?? '');
      if (!code) return { refused: 'unknown' };
      if (code.authorization.client !== client) return { refused: 'client' };
      if (code.used) return { refused: 'used', code };
      code.used = true;
      if (code.expiresAt <= clock.seconds() || !code.authorization.alive) return { refused: 'expired' };
      if (redirectUri !== undefined && redirectUri !== code.redirectUri) return { refused: 'redirect_uri' };
      if (code.challenge && !verifierMatches(code.challenge, verifier)) return { refused: 'verifier' };
      return { code };
    },
    addAccess: (token) => add(accessTokens, token),
    addRefresh: (token) => add(refreshTokens, token),
    access: (value) => accessTokens.get(value ?? ''),
    refresh: (value) => refreshTokens.get(value ?? ''),
    accessOf: (authorization) => of(accessTokens, authorization),
    refreshOf: (authorization) => of(refreshTokens, authorization),
  };
}

/** Usable now: neither ended by itself, nor with its authorization, nor by time. */
export function isUsable(token: Token | undefined, clock: Clock): token is Token {
  return token !== undefined && token.alive && token.authorization.alive && token.expiresAt > clock.seconds();
}
