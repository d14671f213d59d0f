import { createHash, createHmac } from 'node:crypto';
import { GatehouseError } from '../errors.js';
import { parseExactJson } from '../exact-json.js';
import { isSameSecret } from '../is-same-secret.js';
import { atPointer } from '../json-pointer.js';
import { readTimeText } from '../read-time.js';
import type { Webhooks } from '../providers/provider.js';

/** An event that the provider itself has signed. */
export interface WebhookEvent {
  /** Hex SHA-256 of what names the event: its id, or its whole body. */
  fingerprint: string;
  body: Buffer;
}

/**
 * The digest in the signature header, before the body is read. Throws GatehouseError signature_invalid where the header
 * cannot be the signature of any body.
 */
export function expectedDigest({ encoding, signaturePrefix }: Webhooks, header: string | undefined): Buffer {
  if (header?.startsWith(signaturePrefix) !== true) throw signatureInvalid();
  const text = header.slice(signaturePrefix.length).trim();
  const shape = encoding === 'hex' ? /^[\da-f]{64}$/i : /^[A-Za-z0-9+/]{43}=$/;
  if (!shape.test(text)) throw signatureInvalid();
  return Buffer.from(text, encoding);
}

/**
 * Believes an event only by its signature over the raw body. Throws GatehouseError signature_invalid, or invalid_request for a
 * signed one that is too old or not what the provider file describes.
 */
export function readEvent(webhooks: Webhooks, body: Buffer, digest: Buffer, now: number): WebhookEvent {
  if (!isSignedBy(webhooks, body, digest)) throw signatureInvalid();
  const { eventId, timestamp, tolerance } = webhooks;
  const event = eventId === undefined && timestamp === undefined ? undefined : parse(body);
  if (timestamp !== undefined) {
    const sentAt = readTime(atPointer(event, timestamp));
    if (sentAt === undefined || Math.abs(now / 1000 - sentAt) > tolerance)
      throw new GatehouseError('invalid_request', 'The event is too old, or does not say when it was sent.');
  }
  const id = eventId === undefined ? body : readId(atPointer(event, eventId));
  return { fingerprint: createHash('sha256').update(id).digest('hex'), body };
}

/** Compared in constant time; the digest's bytes, so that hex may come in either case. */
function isSignedBy({ secrets }: Webhooks, body: Buffer, digest: Buffer): boolean {
  return secrets.some((secret) => isSameSecret(digest, createHmac('sha256', secret).update(body).digest()));
}

function signatureInvalid(): GatehouseError {
  return new GatehouseError('signature_invalid', 'The event does not carry the signature of the provider.');
}

function parse(body: Buffer): unknown {
  try {
    return parseExactJson(body.toString('utf8'));
  } catch (error) {
    throw new GatehouseError('invalid_request', 'The event is not JSON.', { cause: error });
  }
}

function readId(value: unknown): string {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
  throw new GatehouseError('invalid_request', 'The event does not say which one it is.');
}

/** Seconds since the epoch; what is given in milliseconds is far beyond any date in seconds. */
function readTime(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{9,16}(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return number > 100_000_000_000 ? number / 1000 : number;
  const inWords = typeof value === 'string' ? readTimeText(value) : undefined;
  return inWords === undefined ? undefined : inWords / 1000;
}
