import { GraphqlFieldError } from './execute.js';
const most = 100;
export const pagingArguments = ['first', 'last', 'after', 'before'];
/** A Relay connection over `all`: never more than a hundred at once, with short opaque cursors. */
export function connection(all, given) {
    const first = count(given['first']);
    const last = count(given['last']);
    const from = given['after'] == null ? 0 : position(given['after']) + 1;
    const to = given['before'] == null ? all.length : Math.min(position(given['before']), all.length);
    const fromTheEnd = first === undefined && last !== undefined;
    const size = Math.min(first ?? last ?? most, most);
    const start = fromTheEnd ? Math.max(from, to - size) : from;
    const end = fromTheEnd ? to : Math.min(to, from + size);
    const nodes = all.slice(start, end);
    return {
        nodes,
        edges: nodes.map((node, index) => ({ cursor: cursor(start + index), node })),
        totalCount: all.length,
        pageInfo: {
            hasNextPage: end < all.length,
            hasPreviousPage: start > 0,
            startCursor: nodes.length === 0 ? null : cursor(start),
            endCursor: nodes.length === 0 ? null : cursor(end - 1),
        },
    };
}
function cursor(position) {
    return Buffer.from(`c${position}`).toString('base64url');
}
function position(given) {
    const found = typeof given === 'string' ? /^c(\d{1,9})$/.exec(Buffer.from(given, 'base64url').toString())?.[1] : undefined;
    if (found === undefined)
        throw new GraphqlFieldError('BAD_REQUEST', 'Invalid cursor');
    return Number(found);
}
function count(given) {
    if (given === null || given === undefined)
        return undefined;
    if (typeof given === 'number' && Number.isInteger(given) && given >= 0)
        return given;
    throw new GraphqlFieldError('BAD_REQUEST', 'A page size is a whole number');
}
