import { isIP } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Request } from 'express';

/**
 * The address that a caller's requests count for: the first in X-Forwarded-For, read from its end, that TRUST_PROXY does not
 * name. Some proxies write a port or brackets to it, which are not part of it. What is no address counts as the peer's.
 * Addresses of IPv6 count by their network, as one customer has the whole of it.
 */
export function clientAddress(req: Request): string {
  const peer = readAddress(req.socket.remoteAddress ?? '') ?? 'unknown';
  const isTrusted = req.app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  const header = req.headers['x-forwarded-for'] ?? '';
  const forwarded = (Array.isArray(header) ? header.join(',') : header).split(',').reverse();
  let address = peer;
  for (const [hop, entry] of forwarded.entries()) {
    if (header === '' || !isTrusted(address, hop)) break;
    const next = readAddress(entry.trim());
    if (next === undefined) return ipKeyGenerator(peer);
    address = next;
  }
  return ipKeyGenerator(address);
}

/** The address alone, without port, brackets and zone; of an IPv4 address that is written as IPv6, the IPv4 address. */
function readAddress(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d*)?$/.exec(text)?.[1] ?? /^([\d.]+):\d*$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '');
  if (isIP(address) === 0) return undefined;
  if (isIP(address) === 4) return address;
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(plain) ?? [];
  if (high === undefined || low === undefined) return plain;
  const bits = [high, low].map((part) => parseInt(part, 16));
  return bits.flatMap((part) => [part >> 8, part & 255]).join('.');
}
