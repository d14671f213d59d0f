import { parseCookie } from 'cookie';
import { acceptedLocale, isLocale } from '../views/locale.js';
const year = 31_536_000;
/** Remembers the language that a person picks with `?lang=`. */
export function rememberLanguage(cookies) {
    return (req, res, next) => {
        const { lang } = req.query;
        if (isLocale(lang))
            res.append('Set-Cookie', cookies.header(cookies.languageName, lang, year));
        next();
    };
}
/** The language of this request's page: as picked, as remembered, or as the browser asks. */
export function localeOfRequest(req, cookies) {
    const { lang } = req.query;
    if (isLocale(lang))
        return lang;
    const remembered = parseCookie(req.headers.cookie ?? '')[cookies.languageName];
    return isLocale(remembered) ? remembered : acceptedLocale(req.headers['accept-language']);
}
