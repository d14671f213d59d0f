import { STATUS_CODES } from 'node:http';
/** The raw headers of an answer as text, names and values in turn, byte for byte (Latin-1). */
export function headerText(raw) {
    const text = [];
    if (!Array.isArray(raw))
        return text;
    for (const part of raw)
        text.push(typeof part === 'string' ? part : part.toString('latin1'));
    return text;
}
/** The upstream's reason phrase, or the usual one where it holds what a status line cannot. */
export function reasonPhrase(status, reason) {
    if (reason === STATUS_CODES[status])
        return reason;
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(reason) ? reason : (STATUS_CODES[status] ?? '');
}
