/** The languages of the pages: English and Norwegian (bokmål), named as in BCP 47. */
export const locales = ['en', 'nb'];
const norwegian = new Set(['nb', 'no', 'nn']);
/** The page language for a language tag; whatever is not Norwegian is read in English. */
export function localeOf(tag) {
    const primary = (tag ?? '').toLowerCase().split('-', 1)[0] ?? '';
    return norwegian.has(primary) ? 'nb' : 'en';
}
export function isLocale(value) {
    return locales.some((locale) => locale === value);
}
/** The page language that an Accept-Language header asks for first among those on offer (RFC 9110 section 12.5.4). */
export function acceptedLocale(header) {
    const ranges = (header ?? '').split(',').map((range) => {
        const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
        const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
        return { tag, quality };
    });
    const wanted = ranges
        .filter(({ tag, quality }) => quality > 0 && /^(en|nb|no|nn)(-|$)/.test(tag))
        .sort((a, b) => b.quality - a.quality);
    return localeOf(wanted[0]?.tag);
}
export function localize(text, locale) {
    return typeof text === 'string' ? text : (text[locale] ?? text.en);
}
