import { createHash, randomBytes } from 'node:crypto';

export interface Authorization {
  redirectUri: string;
  scope: string;
  sub: string;
  challenge: string | undefined;
  nonce: string | undefined;
  /** Seconds since the epoch. */
  expiresAt: number;
}

/** All tokens that descend from one authorization; they die together. */
export interface Family {
  sub: string;
  scope: string;
  dead: boolean;
}

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string | undefined;
  family: Family;
  authorization?: Authorization;
}

export interface GrantPolicy {
  rotation: boolean;
  /** A spent refresh token that comes again ends its family (RFC 9700 section 4.14.2). */
  reuseDetection: boolean;
  /** Seconds. */
  accessTokenLifetime: number;
}

/** A refusal of the token endpoint. The reason is for the test's eyes: it never leaves the server. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly error: string,
    readonly reason: string,
  ) {
    super(`${error}: ${reason}`);
  }
}

export interface Grants {
  /** Exchanges tried per code. */
  exchanges: Map<string, number>;
  authorize(authorization: Omit<Authorization, 'expiresAt'>): string;
  exchange(code: string, redirectUri: string | null, verifier: string | null): IssuedTokens;
  refresh(refreshToken: string): IssuedTokens;
  /** For the client itself (RFC 6749 section 4.4). */
  issue(family: Family, withRefreshToken: boolean): IssuedTokens;
  accepts(accessToken: string): boolean;
  familyOf(token: string): Family | undefined;
  revoke(token: string, ends: 'token' | 'grant'): boolean;
  /** Every access token counts as expired at once; refresh tokens stay. */
  expireAccessTokens(): void;
  /** Every grant ends, as if the person had removed the application there. */
  endAll(): void;
}

const token = (prefix: string) => `${prefix}_${randomBytes(24).toString('base64url')}`;

/** The S256 transformation (RFC 7636 section 4.2). */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** What the authorization server remembers. `now` is in seconds since the epoch. */
export function createGrants(policy: GrantPolicy, now: () => number): Grants {
  const codes = new Map<string, Authorization & { family?: Family }>();
  const accessTokens = new Map<string, { family: Family; expiresAt: number }>();
  const refreshTokens = new Map<string, { family: Family; spent: boolean }>();
  const exchanges = new Map<string, number>();
  const families = () => [...accessTokens.values(), ...refreshTokens.values()].map(({ family }) => family);

  function issue(family: Family, withRefreshToken: boolean): IssuedTokens {
    const accessToken = token('at');
    accessTokens.set(accessToken, { family, expiresAt: now() + policy.accessTokenLifetime });
    const refreshToken = withRefreshToken ? token('rt') : undefined;
    if (refreshToken) refreshTokens.set(refreshToken, { family, spent: false });
    return { accessToken, refreshToken, family };
  }

  function checkVerifier(challenge: string | undefined, verifier: string | null): void {
    if (challenge === undefined && verifier !== null)
      throw new Refusal('invalid_grant', 'a verifier without a challenge');
    if (challenge === undefined) return;
    if (verifier === null) throw new Refusal('invalid_grant', 'the verifier is missing');
    if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) throw new Refusal('invalid_grant', 'not a verifier');
    if (challengeOf(verifier) !== challenge) throw new Refusal('invalid_grant', 'the verifier does not match');
  }

  return {
    exchanges,
    authorize(authorization) {
      const code = token('code');
      codes.set(code, { ...authorization, expiresAt: now() + 60 });
      return code;
    },
    exchange(code, redirectUri, verifier) {
      exchanges.set(code, (exchanges.get(code) ?? 0) + 1);
      const authorization = codes.get(code);
      if (!authorization) throw new Refusal('invalid_grant', 'unknown code');
      if (authorization.family) {
        authorization.family.dead = true;
        throw new Refusal('invalid_grant', 'the code was used before');
      }
      if (authorization.expiresAt <= now()) throw new Refusal('invalid_grant', 'the code expired');
      if (authorization.redirectUri !== redirectUri) throw new Refusal('invalid_grant', 'another redirect_uri');
      checkVerifier(authorization.challenge, verifier);
      const { sub, scope } = authorization;
      authorization.family = { sub, scope, dead: false };
      return { ...issue(authorization.family, true), authorization };
    },
    refresh(refreshToken) {
      const known = refreshTokens.get(refreshToken);
      if (!known) throw new Refusal('invalid_grant', 'unknown refresh token');
      if (known.spent && policy.reuseDetection) known.family.dead = true;
      if (known.spent || known.family.dead) throw new Refusal('invalid_grant', 'the grant has ended');
      if (policy.rotation) known.spent = true;
      return issue(known.family, policy.rotation);
    },
    issue,
    accepts(accessToken) {
      const known = accessTokens.get(accessToken);
      return known !== undefined && !known.family.dead && known.expiresAt > now();
    },
    familyOf: (value) => (accessTokens.get(value) ?? refreshTokens.get(value))?.family,
    revoke(value, ends) {
      const family = (accessTokens.get(value) ?? refreshTokens.get(value))?.family;
      if (!family) return false;
      if (ends === 'grant') for (const each of families()) each.dead ||= each.sub === family.sub;
      if (refreshTokens.has(value)) family.dead = true;
      accessTokens.delete(value);
      return true;
    },
    expireAccessTokens: () => {
      for (const known of accessTokens.values()) known.expiresAt = 0;
    },
    endAll: () => {
      for (const family of families()) family.dead = true;
    },
  };
}
