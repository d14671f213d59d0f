/** A redirect without a body: the address of an authorization request holds the state and belongs into no page. */
export function redirect(res, status, address) {
    res.status(status).setHeader('Location', address).end();
}
