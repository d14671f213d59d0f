export function createOriginRules(publicOrigin, allowedOrigins) {
    const allowed = new Set(allowedOrigins);
    const crossOrigin = ({ origin }) => origin !== undefined && origin !== publicOrigin && allowed.has(origin) ? origin : undefined;
    return {
        crossOrigin,
        isAllowed: (headers) => {
            const { origin } = headers;
            if (origin !== undefined && origin !== publicOrigin && !allowed.has(origin))
                return false;
            const site = headers['sec-fetch-site'];
            if (site === undefined || site === 'same-origin' || site === 'none')
                return true;
            return crossOrigin(headers) !== undefined;
        },
    };
}
