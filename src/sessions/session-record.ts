import { createHmac } from 'node:crypto';
import { compact } from '../compact.js';
import type { Vault } from '../connections/vault.js';
import { sessionKey } from '../store/keys.js';
import { isSameSecret } from '../is-same-secret.js';
import type { Owner } from './owners/owner.js';
import { hashSecret, isProvenId, type SessionId } from './session-id.js';

/** What is kept of a session, beside its connections. Times are milliseconds since the epoch. */
export interface Session {
  createdAt: number;
  /** When the id was last rotated. */
  rotatedAt: number;
  /**
   * Whose session it is: with CONNECTIONS=owner the slot of the person's records, else the embedding application's user where it
   * bound the session to one.
   */
  owner?: string;
  /** With CONNECTIONS=owner, who that is. */
  person?: Person;
}

/** The owner of a session's connections, as they were last named. Sealed in the store. */
export interface Person {
  owner: Owner;
  /** For pages: the name that the application gave, or the account that was signed in with. */
  label?: string;
  /** The provider whose button signed the person in. */
  provider?: string;
  /** The session at that provider (`sid` of the ID token). */
  sid?: string;
  /** When the owner was last asserted or signed in, in milliseconds since the epoch. */
  since: number;
  /** Of the owner's record. */
  epoch: string;
}

/**
 * The stored form is the hash of the secret, a line break and JSON. The hash comes first so that a write can be guarded by it.
 * The member `mac` proves the record: a code over its key, the hash and the members, made with a session secret, so that an
 * attacker who can write to Redis can neither change nor move it. It lives as long as the cookie that the same secret
 * signs, and does not depend on the encryption keys. Releases before 0.3 write none. A record without it counts only for
 * an id that such a release gave out: docs/decisions/0021.
 */
export interface SessionCodec {
  encode(id: SessionId, session: Session): Buffer;
  /** The session, if the record is of this id and whole. */
  decode(id: SessionId, record: Buffer): Session | undefined;
  /** The session of a proven record, without the browser's secret. */
  readProven(browserId: string, record: Buffer): Session | undefined;
  /** The same, of release 0.2's records, too. */
  read(browserId: string, record: Buffer): Session | undefined;
  /** The same, proven or not: for operators, who only look at it. */
  readStored(browserId: string, record: Buffer): Session | undefined;
}

/** What was parsed, and of which nothing is known yet. */
type Unread = Partial<Record<string, unknown>>;

/** The JSON of a record: times are seconds since the epoch, under the names that releases since 0.1 write. */
interface Stored {
  createdAt: number;
  renewedAt: number;
  owner?: string;
  /** Sealed. */
  person?: string;
}

const hashLength = 43;

/** What every record of this very id begins with. */
export function secretPrefix({ secret }: SessionId): Buffer {
  return Buffer.from(`${hashSecret(secret)}\n`);
}

/** The first secret proves new records, all of them prove old ones. */
export function createSessionCodec(secrets: readonly string[], vault: Vault): SessionCodec {
  /** What was decoded, by the very bytes it came from: a record that the store recalls is the same object each time. */
  const decoded = new WeakMap<Buffer, { secret: string; session: Session }>();

  const toSession = (browserId: string, stored: Unread | undefined): Session | undefined => {
    const { createdAt, renewedAt, owner, person } = stored ?? {};
    if (typeof createdAt !== 'number' || typeof renewedAt !== 'number') return undefined;
    const opened = typeof person === 'string' ? openPerson(vault, browserId, person) : undefined;
    // A session whose person cannot be read is nobody's.
    if (person !== undefined && !opened) return undefined;
    return compact({
      createdAt: createdAt * 1000,
      rotatedAt: renewedAt * 1000,
      owner: typeof owner === 'string' ? owner : undefined,
      person: opened,
    });
  };

  const readStored: SessionCodec['readStored'] = (browserId, record) => toSession(browserId, parse(record));

  const readProven: SessionCodec['readProven'] = (browserId, record) => {
    const { mac, ...stored } = parse(record) ?? {};
    const hash = record.toString('latin1', 0, hashLength);
    if (typeof mac !== 'string' || !secrets.some((secret) => isSameSecret(mac, macOf(secret, browserId, hash, stored))))
      return undefined;
    return toSession(browserId, stored);
  };
  const read: SessionCodec['read'] = (browserId, record) =>
    parse(record)?.['mac'] === undefined ? readStored(browserId, record) : readProven(browserId, record);

  return {
    encode: (id, { createdAt, rotatedAt, owner, person }) => {
      const stored: Stored = compact({
        createdAt: createdAt / 1000,
        renewedAt: rotatedAt / 1000,
        owner,
        person: person && vault.seal(sessionKey(id.browserId), person).toString('base64url'),
      });
      const mac = macOf(secrets[0] ?? '', id.browserId, hashSecret(id.secret), stored);
      return Buffer.concat([secretPrefix(id), Buffer.from(JSON.stringify({ ...stored, mac }))]);
    },
    decode: (id, record) => {
      const known = decoded.get(record);
      if (known?.secret === id.secret) return known.session;
      if (!isSameSecret(record.toString('latin1', 0, hashLength + 1), secretPrefix(id).toString('latin1')))
        return undefined;
      const session = (isProvenId(id) ? readProven : read)(id.browserId, record);
      if (session !== undefined) decoded.set(record, { secret: id.secret, session });
      return session;
    },
    readProven,
    read,
    readStored,
  };
}

function macOf(
  secret: string,
  browserId: string,
  hash: string,
  stored: Partial<Record<keyof Stored, unknown>>,
): string {
  const { createdAt, renewedAt, owner, person } = stored;
  const before = ['gatehouse session', sessionKey(browserId), hash, createdAt, renewedAt, owner ?? null];
  const text = JSON.stringify(person === undefined ? before : [...before, person]);
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function parse(record: Buffer): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(record.toString('utf8', hashLength + 1));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function openPerson(vault: Vault, browserId: string, sealed: string): Person | undefined {
  return vault.open(sessionKey(browserId), Buffer.from(sealed, 'base64url'))?.value as Person | undefined;
}
