import { parse } from 'node:querystring';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Request, RequestHandler } from 'express';
import { clientAddress } from '../http/client-address.js';
import { GatehouseError } from '../errors.js';
import type { BodyLimits, ReceiveBody } from '../http/receive-body.js';

const limits: BodyLimits = { maxBytes: 32_768, timeoutMs: 10_000 };
const maxFields = 1_000;

const decoders = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync };

/**
 * Reads a form or JSON into `req.body`. A route puts it behind everything that it can decide without the body. A body of
 * another type stays unread.
 */
export function parsedBody(receive: ReceiveBody): RequestHandler {
  return async (req, _res, next) => {
    const parser = hasBody(req) ? parserOf(req) : undefined;
    if (parser) {
      const decode = decoderOf(req);
      const body = decode(await receive(req, addressOf(req), limits));
      if (body.length > 0) req.body = parser(body.toString('utf8'));
    }
    next();
  };
}

/** The address that a caller's bytes count for. */
export function addressOf(req: Request): string {
  return clientAddress(req);
}

export function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function parserOf({ headers }: Request): ((text: string) => unknown) | undefined {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const parser = { 'application/json': parseJson, 'application/x-www-form-urlencoded': parseForm }[type.trim()];
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='));
  if (parser && charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) throw unreadable();
  return parser;
}

function decoderOf({ headers }: Request): (body: Buffer) => Buffer {
  const coding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (coding === 'identity') return (body) => body;
  if (coding !== 'gzip' && coding !== 'deflate' && coding !== 'br') throw unreadable();
  return (body) => {
    try {
      return decoders[coding](body, { maxOutputLength: limits.maxBytes });
    } catch (error) {
      const large = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      throw large ? new GatehouseError('body_too_large', 'Send a smaller body.', { cause: error }) : unreadable(error);
    }
  };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw unreadable(error);
  }
  throw unreadable();
}

function parseForm(text: string): unknown {
  if (text.split('&', maxFields + 1).length > maxFields)
    throw new GatehouseError('body_too_large', `Send at most ${maxFields} fields.`);
  return parse(text);
}

function unreadable(cause?: unknown): GatehouseError {
  return new GatehouseError('invalid_request', 'The request cannot be read. Check its encoding and its body.', {
    cause,
  });
}
