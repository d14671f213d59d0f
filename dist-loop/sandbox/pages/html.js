/** A template whose values are escaped, unless they are markup themselves. */
export function html(strings, ...parts) {
    return { markup: strings.reduce((text, next, i) => text + write(parts[i - 1]) + next) };
}
function write(part) {
    if (part === undefined)
        return '';
    if (typeof part === 'string' || typeof part === 'number')
        return escape(part.toString());
    return 'markup' in part ? part.markup : part.map((one) => one.markup).join('');
}
function escape(text) {
    return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
