/** Sends one page of a list. A page is given only to who had the page before it, as the real API has it. */
export function orderedPages(base) {
    const furthest = new Map();
    return (all, { company, path, query }, res) => {
        const perPage = Math.min(wholeNumber(query.get('per_page'), 25), 100);
        const page = wholeNumber(query.get('page'), 1);
        const last = Math.max(1, Math.ceil(all.length / perPage));
        const rest = new URLSearchParams([...query].filter(([name]) => name !== 'page'));
        const key = `${company} ${path} ${rest.toString()}`;
        if (page > 1 && page > (furthest.get(key) ?? 0) + 1)
            return void res.status(400).json({
                type: 'invalid_request',
                message: 'Pages must be requested in order.',
                param: 'page',
            });
        furthest.set(key, Math.max(page, furthest.get(key) ?? 0));
        const link = (number, relation) => {
            const target = new URLSearchParams([...rest, ['page', number.toString()]]);
            return `<${base}${path}?${target.toString()}>; rel="${relation}"`;
        };
        const links = [
            link(page, 'self'),
            link(1, 'first'),
            ...(page > 1 ? [link(page - 1, 'previous')] : []),
            ...(page < last ? [link(page + 1, 'next')] : []),
            link(last, 'last'),
        ];
        res
            .set({ Link: links.join(', '), 'X-Total-Count': all.length.toString() })
            .json(all.slice((page - 1) * perPage, page * perPage));
    };
}
function wholeNumber(text, otherwise) {
    return text !== null && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : otherwise;
}
