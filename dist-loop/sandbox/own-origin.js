/**
 * Lets other sites' pages neither push buttons here nor, by a name that was made to point at this address, read. Absent
 * headers pass: programs send none.
 */
export function ownOrigin(urls) {
    const origins = new Set(urls.map((url) => new URL(url).origin));
    return (req, res, next) => {
        const host = req.get('host') ?? '';
        const known = [...origins].some((origin) => new URL(origin).host === host) || isLoopback(host);
        const site = req.get('sec-fetch-site');
        const origin = req.get('origin');
        const reads = req.method === 'GET' || req.method === 'HEAD';
        const fromHere = (site === undefined || site === 'same-origin' || site === 'none') &&
            (origin === undefined || origins.has(origin) || origin === `http://${host}`);
        if (known && (reads || fromHere)) {
            next();
            return;
        }
        res.status(403).json({ error: 'forbidden', error_description: 'Not from another site' });
    };
}
function isLoopback(host) {
    return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
}
