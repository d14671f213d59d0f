/** Lays one tree over another: maps merge, everything else replaces, null removes. */
export function mergeTrees(base, over) {
    const merged = new Map(Object.entries(base));
    for (const [key, value] of Object.entries(over)) {
        const below = merged.get(key);
        if (value === null)
            merged.delete(key);
        else if (isTree(value))
            merged.set(key, mergeTrees(isTree(below) ? below : {}, value));
        else if (value !== undefined)
            merged.set(key, value);
    }
    return Object.fromEntries(merged);
}
function isTree(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
