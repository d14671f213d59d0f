/** Headers that belong to one connection and never travel further (RFC 9110 section 7.6.1). */
export const hopByHop = new Set([
    'connection',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
]);
/**
 * The header names, in lower case, that a Connection header lists besides the usual two words; undefined when there are
 * none. `raw` alternates names and values.
 */
export function connectionListed(raw) {
    let listed;
    for (let at = 0; at < raw.length; at += 2) {
        if (!isConnection(raw[at]))
            continue;
        for (const option of (raw[at + 1] ?? '').toLowerCase().split(',')) {
            const name = option.trim();
            if (name !== '' && name !== 'keep-alive' && name !== 'close')
                (listed ??= new Set()).add(name);
        }
    }
    return listed;
}
function isConnection(name) {
    return name?.length === 10 && name.toLowerCase() === 'connection';
}
/** One spelling per header: servers that hand headers to programs as variables cannot tell `X_Network` from `X-Network`. */
export function canonicalName(name) {
    return name.toLowerCase().replaceAll('_', '-');
}
