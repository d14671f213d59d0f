import { timingSafeEqual } from 'node:crypto';

/** Compares two values in constant time; only a difference in length shows. */
export function isSameSecret(one: string | Buffer, other: string | Buffer): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
