import { seenTarget } from './public-address.js';
/** Relations that a browser acts on by itself, without a program asking; on our origin nobody asked for that. */
const actedOn = new Set([
    'compression-dictionary',
    'dns-prefetch',
    'expect',
    'icon',
    'manifest',
    'modulepreload',
    'preconnect',
    'prefetch',
    'preload',
    'prerender',
    'serviceworker',
    'stylesheet',
]);
/**
 * A Link header (RFC 8288) for the caller. Targets below the base URL lead through the proxy, so that paging works;
 * others stay, made absolute, since nobody follows them unasked; relations that a browser follows unasked are left out.
 * Undefined when nothing remains or when the header cannot be read.
 */
export function seenLinks(value, path, map) {
    const links = [];
    for (const link of splitOutside(value, ',')) {
        const open = link.indexOf('<');
        const close = link.indexOf('>', open);
        if (link.trim() === '')
            continue;
        if (open === -1 || close === -1 || link.slice(0, open).trim() !== '')
            return undefined;
        const parameters = link.slice(close + 1);
        if (relations(parameters).some((relation) => actedOn.has(relation)))
            continue;
        const target = seenTarget(link.slice(open + 1, close), path, map);
        if (target.kind !== 'unusable')
            links.push(`<${target.address}>${parameters.trimEnd()}`);
    }
    return links.length === 0 ? undefined : links.join(', ');
}
function relations(parameters) {
    for (const parameter of splitOutside(parameters, ';')) {
        const equals = parameter.indexOf('=');
        if (equals === -1 || parameter.slice(0, equals).trim().toLowerCase() !== 'rel')
            continue;
        return parameter
            .slice(equals + 1)
            .replaceAll('"', '')
            .toLowerCase()
            .split(/\s+/);
    }
    return [];
}
/** Splits at a separator that stands neither in angle brackets nor in a quoted string. */
function splitOutside(text, separator) {
    const parts = [];
    let from = 0;
    let until = '';
    for (let at = 0; at < text.length; at += 1) {
        const char = text[at] ?? '';
        if (until !== '') {
            if (char === '\\' && until === '"')
                at += 1;
            else if (char === until)
                until = '';
        }
        else if (char === '<')
            until = '>';
        else if (char === '"')
            until = '"';
        else if (char === separator) {
            parts.push(text.slice(from, at));
            from = at + 1;
        }
    }
    parts.push(text.slice(from));
    return parts;
}
