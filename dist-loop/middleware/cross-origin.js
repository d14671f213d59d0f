import { tellRequestId } from './request-id.js';
import { setPlainHeaders } from './security-headers.js';
const exposed = [
    'X-Request-Id',
    'X-Gatehouse-Error',
    'Retry-After',
    'Link',
    'Location',
    'ETag',
    'Content-Range',
    'X-Total-Count',
];
export function createCrossOrigin(origins, anyAllowed, https) {
    const headers = (req) => {
        if (!anyAllowed)
            return [];
        const origin = origins.crossOrigin(req.headers);
        if (origin === undefined)
            return [['Vary', 'Origin']];
        return [
            ['Access-Control-Allow-Origin', origin],
            ['Access-Control-Allow-Credentials', 'true'],
            ['Access-Control-Expose-Headers', exposed.join(', ')],
            ['Vary', 'Origin'],
        ];
    };
    return {
        headers,
        middleware: (req, res, next) => {
            if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined) {
                tellRequestId(res);
                res.setHeader('Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
                const origin = origins.crossOrigin(req.headers);
                if (origin !== undefined) {
                    res.setHeader('Access-Control-Allow-Origin', origin);
                    res.setHeader('Access-Control-Allow-Credentials', 'true');
                    res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
                    const wanted = req.headers['access-control-request-headers'];
                    if (wanted !== undefined && /^[\w\-, ]{1,1024}$/.test(wanted))
                        res.setHeader('Access-Control-Allow-Headers', wanted);
                    res.setHeader('Access-Control-Max-Age', '600');
                }
                setPlainHeaders(res, https);
                res.status(204).end();
                return;
            }
            if (anyAllowed && !req.url.startsWith('/proxy/'))
                for (const [name, value] of headers(req))
                    res.append(name, value);
            next();
        },
    };
}
