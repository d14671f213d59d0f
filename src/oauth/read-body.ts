import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { HttpFailure } from './http-failure.js';

/**
 * The text of an answer. No compression is asked for, and servers are found that compress all the same; what comes out is
 * bounded like what comes in. What cannot be decoded stays as it is, and is no JSON. Throws HttpFailure too_large.
 */
export async function readBody(stream: AsyncIterable<Buffer>, headers: Headers, size: number): Promise<string> {
  let body = await readAll(stream, size);
  const codings = (headers.get('content-encoding') ?? '').toLowerCase().split(',');
  // The last one named was applied last (RFC 9110 section 8.4).
  for (const coding of codings.map((each) => each.trim()).reverse()) body = await decoded(body, coding, size);
  return textOf(body, headers.get('content-type') ?? '');
}

async function readAll(stream: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > size) throw new HttpFailure('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

async function decoded(body: Buffer, coding: string, size: number): Promise<Buffer> {
  const decode = decoders.get(coding);
  if (!decode || body.length === 0) return body;
  return decode(body, { maxOutputLength: size }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new HttpFailure('too_large', { cause: error });
    return body;
  });
}

/** In the charset that the server names, else UTF-8; without a byte order mark, which JSON does not know. */
function textOf(body: Buffer, contentType: string): string {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]{1,40})"?/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
