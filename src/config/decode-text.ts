import { isUtf8 } from 'node:buffer';

/** A file's text without the byte order mark that some editors write; undefined where it is not UTF-8, as UTF-16 is not. */
export function decodeText(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes) || bytes.includes(0)) return undefined;
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
