import { GatehouseError } from '../errors.js';
/** One path with all of its methods; any other method is refused with those that there are. */
export function route(router, path, { head = true, ...methods }) {
    const at = router.route(path);
    if (!head)
        at.head(refuse(methods));
    for (const method of ['get', 'post', 'put', 'delete']) {
        const handlers = methods[method];
        if (handlers)
            at[method](...(Array.isArray(handlers) ? handlers : [handlers]));
    }
    at.all(refuse(methods));
}
function refuse(methods) {
    const allow = Object.keys(methods).map((method) => method.toUpperCase());
    return () => {
        throw new GatehouseError('method_not_allowed', `This address answers ${allow.join(' and ')}.`, { allow });
    };
}
