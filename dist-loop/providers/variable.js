/** `<ID>_<suffix>`: the provider's id in capitals, `-` as `_`. */
export function variable(id, suffix) {
    return `${id.toUpperCase().replaceAll('-', '_')}_${suffix}`;
}
