/** A small call of our own to the provider's API, such as reading the account's name. Throws HttpFailure. */
export function askApi(http, { api }, { method = 'GET', path, body }, accessToken, deadline = 5_000) {
    const base = api.baseUrl.href.replace(/\/$/, '');
    const headers = {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...Object.fromEntries(Object.entries(api.headers).map(([name, value]) => [name.toLowerCase(), value])),
        authorization: `Bearer ${accessToken}`,
    };
    const verb = method === 'POST' ? 'POST' : 'GET';
    return http(`${base}${path}`, { method: verb, headers, ...(body === undefined ? {} : { body }) }, { deadline });
}
