import { STATUS_CODES } from 'node:http';
import type { Dispatcher } from 'undici';

/**
 * The limit of a response's head, in bytes and in lines, as it comes from the API and as it goes to the caller with our own
 * lines: clients refuse what is larger (Node.js at 16 KiB), or leave lines out without a word.
 */
export const maxHeadBytes = 16_384;
export const maxHeadLines = 1000;

/** The raw headers of a response as text, names and values in turn, byte for byte (Latin-1). Throws HeadTooLarge. */
export function headerText(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  const text: string[] = [];
  if (!Array.isArray(raw)) return text;
  for (const part of raw) text.push(typeof part === 'string' ? part : part.toString('latin1'));
  checkHead(text);
  return text;
}

/** Counts as HTTP/1.1 writes it: name, colon, space, value and line end; and the reason phrase. */
export function checkHead(headers: readonly string[], reason = ''): void {
  let bytes = headers.length * 2 + reason.length;
  for (const part of headers) bytes += part.length;
  if (bytes > maxHeadBytes || headers.length > maxHeadLines * 2) throw new HeadTooLarge();
}

/** The head of a response is larger than callers can be expected to read. */
export class HeadTooLarge extends Error {
  override readonly name = 'HeadTooLarge';
}

/** The upstream's reason phrase, or the usual one where it holds what a status line cannot. */
export function reasonPhrase(status: number, reason: string): string {
  if (reason === STATUS_CODES[status]) return reason;
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(reason) ? reason : (STATUS_CODES[status] ?? '');
}
