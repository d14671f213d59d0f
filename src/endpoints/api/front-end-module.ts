import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { RequestHandler } from 'express';
import type { Services } from '../../services.js';

/** Seen from dist/endpoints, and from src/endpoints where the server runs without having been compiled. */
const folders = ['../../client/', '../../../dist/client/'].map((path) => new URL(path, import.meta.url));

/**
 * GET /gatehouse.js and /gatehouse.d.ts — the module for front ends, and its types. Nothing in it is secret, and it is
 * asked for without a cookie; pages of an allowed origin may load it, others are stopped by the browser (CORS, CORP).
 */
export function frontEndModule(
  { configuration }: Pick<Services, 'configuration'>,
  file: 'gatehouse.js' | 'gatehouse.d.ts',
): RequestHandler {
  const type = file.endsWith('.js') ? 'text/javascript' : 'application/typescript';
  const policy = configuration.allowedOrigins.length > 0 ? 'same-site' : 'same-origin';
  let read: Representations | undefined;
  return (req, res) => {
    read ??= representations(file);
    const coding = (['br', 'gzip'] as const).find((each) => req.acceptsEncodings(each) === each);
    const { content, etag } = read[coding ?? 'identity'];
    if (coding !== undefined) res.setHeader('Content-Encoding', coding);
    res.vary('Accept-Encoding');
    res.setHeader('Content-Type', `${type}; charset=utf-8`);
    res.setHeader('ETag', etag);
    // Asked for anew each time, and then mostly answered with 304: all pages run the version of this server.
    res.setHeader('Cache-Control', 'no-cache');
    res.setHeader('Cross-Origin-Resource-Policy', policy);
    res.send(content);
  };
}

type Representations = Record<'br' | 'gzip' | 'identity', { content: Buffer; etag: string }>;

/** The file in each coding that is offered, each with a fingerprint of its own (RFC 9110 section 8.8.3.3). */
function representations(file: string): Representations {
  const path = folders.map((folder) => new URL(file, folder)).find((each) => existsSync(each));
  if (!path) throw new Error(`${file} is missing: npm run build makes it`);
  const plain = readFileSync(path);
  return {
    br: withFingerprint(brotliCompressSync(plain)),
    gzip: withFingerprint(gzipSync(plain)),
    identity: withFingerprint(plain),
  };
}

function withFingerprint(content: Buffer): { content: Buffer; etag: string } {
  return { content, etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"` };
}
