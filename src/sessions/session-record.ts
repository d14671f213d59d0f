import { isSameSecret } from '../is-same-secret.js';
import { hashSecret, type SessionId } from './session-id.js';

/** What is kept of a session, beside its connections. Times are milliseconds since the epoch. */
export interface Session {
  createdAt: number;
  /** When the id was last rotated. */
  rotatedAt: number;
  /** The embedding application's user, where it bound the session to one. */
  owner?: string;
}

/** The stored form: the hash of the secret, a line break, JSON with times in seconds. The hash comes first so that a write can be guarded by it. */
export function encodeSession(id: SessionId, session: Session): Buffer {
  return Buffer.concat([secretPrefix(id), Buffer.from(JSON.stringify(toStored(session)))]);
}

/** What every record of this very id begins with. */
export function secretPrefix({ secret }: SessionId): Buffer {
  return Buffer.from(`${hashSecret(secret)}\n`);
}

/** What was decoded, by the very bytes it came from: a record that the store recalls is the same object each time. */
const decoded = new WeakMap<Buffer, { secret: string; session: Session }>();

/** The session, if the record is of this id and whole. */
export function decodeSession(id: SessionId, record: Buffer): Session | undefined {
  const known = decoded.get(record);
  if (known?.secret === id.secret) return known.session;
  const session = decode(id, record);
  if (session !== undefined) decoded.set(record, { secret: id.secret, session });
  return session;
}

function decode(id: SessionId, record: Buffer): Session | undefined {
  const text = record.toString('utf8');
  if (!isSameSecret(text.slice(0, 44), `${hashSecret(id.secret)}\n`)) return undefined;
  return readStored(record);
}

/** The session as it lies in the store, whoever asks. */
export function readStored(record: Buffer): Session | undefined {
  try {
    const { createdAt, renewedAt, owner } = JSON.parse(record.toString('utf8').slice(44)) as Record<string, unknown>;
    if (typeof createdAt !== 'number' || typeof renewedAt !== 'number') return undefined;
    const times = { createdAt: createdAt * 1000, rotatedAt: renewedAt * 1000 };
    return { ...times, ...(typeof owner === 'string' ? { owner } : {}) };
  } catch {
    return undefined;
  }
}

/** Stored names and units stay as releases since 0.1 write them. */
function toStored({ createdAt, rotatedAt, ...rest }: Session) {
  return { createdAt: createdAt / 1000, renewedAt: rotatedAt / 1000, ...rest };
}
