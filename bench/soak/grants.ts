import { createHash, createHmac, randomBytes } from 'node:crypto';

/** What one person allowed. Every access token and every refresh token of it carries its id. */
export interface Grant {
  id: string;
  subject: string;
  /** Of the one refresh token that is good; each refresh makes the next. */
  serial: number;
  /** Milliseconds since the epoch: when the refresh token was last replaced. */
  rotatedAt: number;
  /** `reused`: a spent refresh token came again (RFC 9700 section 4.14.2). */
  ended: 'revoked' | 'reused' | undefined;
  /**
   * Milliseconds since the epoch: when connections closed over which one of its refresh tokens had come a moment before. A
   * process that ends so may not have saved, or not even read, what it was answered.
   */
  cutOffs: number[];
  /** Access tokens issued before this moment, in milliseconds, are refused although they have not expired. */
  refusedBefore: number;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  lifetime: number;
}

export interface Grants {
  /** Starts a grant for the person; the one before stays as it was. */
  begin(subject: string): Tokens;
  /** Undefined: invalid_grant. */
  refresh(refreshToken: string): Tokens | undefined;
  revoke(refreshToken: string): void;
  /** The grant that a refresh token belongs to, good or spent. */
  named(refreshToken: string): Grant | undefined;
  /** Whose token this is, as long as it is good. */
  refOf(accessToken: string): string | undefined;
  /** The person's newest grant. */
  of(subject: string): Grant | undefined;
  /**
   * Refuses the access tokens of one grant in so many, of those that are in the middle of a token's life, so that no
   * refresh is under way; their refresh tokens stay good. How many there were.
   */
  refuseSome(oneIn: number): number;
  /** Those that ended because a spent refresh token came again. */
  reused(): Grant[];
  readonly refreshes: number;
}

/** Milliseconds for which an API still takes a token that has expired: a call may be under way for a while. */
const skew = 5_000;

/**
 * An authorization server's memory that does not grow with the tokens it gives out: they are signed and name their grant.
 * `lifetime`: seconds an access token lives.
 */
export function createGrants(lifetime: number): Grants {
  const key = randomBytes(32);
  const grants = new Map<string, Grant>();
  const newest = new Map<string, Grant>();
  let refreshes = 0;

  const signed = (text: string): string => `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  const read = (token: string, kind: string): { grant: Grant; rest: string[] } | undefined => {
    const end = token.lastIndexOf('.');
    const [is, id = '', ...rest] = token.slice(0, end).split('.');
    const grant = grants.get(id);
    return grant && is === kind && signed(token.slice(0, end)) === token ? { grant, rest } : undefined;
  };
  const issue = (grant: Grant): Tokens => {
    const now = Date.now();
    return {
      accessToken: signed(`at.${grant.id}.${now}.${randomBytes(8).toString('hex')}`),
      refreshToken: signed(`rt.${grant.id}.${grant.serial}`),
      lifetime,
    };
  };

  return {
    begin(subject) {
      const id = randomBytes(12).toString('hex');
      const fresh = { serial: 1, rotatedAt: Date.now(), ended: undefined, cutOffs: [], refusedBefore: 0 };
      const grant: Grant = { id, subject, ...fresh };
      grants.set(id, grant);
      newest.set(subject, grant);
      return issue(grant);
    },
    refresh(refreshToken) {
      const { grant, rest } = read(refreshToken, 'rt') ?? {};
      if (!grant || grant.ended) return undefined;
      if (Number(rest?.[0]) !== grant.serial) {
        grant.ended = 'reused';
        return undefined;
      }
      grant.serial += 1;
      grant.rotatedAt = Date.now();
      refreshes += 1;
      return issue(grant);
    },
    revoke(refreshToken) {
      const { grant } = read(refreshToken, 'rt') ?? {};
      if (!grant) return;
      grant.ended ??= 'revoked';
      // A grant that nobody can ask about any more is forgotten, so that this memory is flat as well.
      if (newest.get(grant.subject) !== grant) grants.delete(grant.id);
    },
    named: (refreshToken) => read(refreshToken, 'rt')?.grant,
    refOf(accessToken) {
      const { grant, rest } = read(accessToken, 'at') ?? {};
      if (!grant || grant.ended) return undefined;
      const issuedAt = Number(rest?.[0]);
      return issuedAt + lifetime * 1000 + skew > Date.now() && issuedAt >= grant.refusedBefore
        ? grant.subject
        : undefined;
    },
    of: (subject) => newest.get(subject),
    refuseSome(oneIn) {
      const now = Date.now();
      const age = ({ rotatedAt }: Grant): number => (now - rotatedAt) / (lifetime * 1000);
      const chosen = [...newest.values()].filter(
        (grant, index) => grant.ended === undefined && index % oneIn === 0 && age(grant) > 0.25 && age(grant) < 0.6,
      );
      for (const grant of chosen) grant.refusedBefore = now;
      return chosen.length;
    },
    reused: () => [...grants.values()].filter(({ ended }) => ended === 'reused'),
    get refreshes() {
      return refreshes;
    },
  };
}

/** What the API answers to this person's tokens, and to nobody else's. */
export function canaryOf(subject: string): string {
  return createHash('sha256').update(`canary of ${subject}`).digest('hex');
}
