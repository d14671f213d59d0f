/** JSON if Accept names it; HTML only if Accept names that. */
export function acceptsJson(req) {
    return /\bapplication\/(problem\+)?json\b/i.test(req.headers.accept ?? '');
}
/** Whether a page is wanted. Calls below /api and /proxy are always answered with JSON. */
export function wantsHtml(req) {
    return (!/^\/(api|proxy)(\/|$)/.test(req.path) && !acceptsJson(req) && /\btext\/html\b/i.test(req.headers.accept ?? ''));
}
