/* Reads an answer piece by piece. */

/** @import { Received } from '../types.js' */

/** Bytes of an answer that are kept; a stream without an end would fill the memory. */
export const limit = 64_000_000;

/**
 * The body as a blob, and whether it went on past the limit. `progress` is told the bytes so far.
 * @param {Response} response
 * @param {(bytes: number) => void} progress
 * @returns {Promise<Received>}
 */
export async function receive(response, progress) {
  const type = response.headers.get('content-type') ?? '';
  const reader = response.body?.getReader();
  const pieces = [];
  let length = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
    progress(length);
    if (length < limit) continue;
    await reader.cancel();
    return { blob: new Blob(pieces, { type }), type, cut: true };
  }
  return { blob: new Blob(pieces, { type }), type, cut: false };
}

/** @type {Readonly<Record<string, string>>} */
const endings = {
  json: 'json',
  pdf: 'pdf',
  png: 'png',
  jpeg: 'jpg',
  csv: 'csv',
  xml: 'xml',
  zip: 'zip',
  plain: 'txt',
  html: 'html',
};

/**
 * What the file is called: as the provider says, or after the path.
 * @param {Response} response
 * @param {string} path
 */
export function fileName(response, path) {
  const said = response.headers.get('content-disposition') ?? '';
  const named = /filename="?([^";]+)"?/i.exec(said)?.[1]?.trim();
  if (named) return named.replaceAll(/[/\\]/g, '_');
  const last = path.replace(/\?.*$/, '').split('/').filter(Boolean).at(-1) ?? 'answer';
  const kind = /^\w+\/(?:[\w.-]+\+)?([\w-]+)/.exec(response.headers.get('content-type') ?? '')?.[1];
  const ending = endings[kind ?? ''];
  return ending && !last.endsWith(`.${ending}`) ? `${last}.${ending}` : last;
}
