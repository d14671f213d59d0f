import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib';
import { HttpFailure } from './failure.js';

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

/** `deflate` is the zlib format (RFC 9110 section 8.4.1.2); servers are found that send the bare stream without its head. */
const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  [
    'deflate',
    (body: Buffer, options: ZlibOptions) => promisify(hasZlibHead(body) ? inflate : inflateRaw)(body, options),
  ],
  ['br', promisify(brotliDecompress)],
]);

/** RFC 1950 section 2.2: method 8, and a check that makes the first two bytes a multiple of 31. */
function hasZlibHead(body: Buffer): boolean {
  return body.length > 1 && (body.readUInt8(0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
}

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
