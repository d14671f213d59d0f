/** How many colours the stylesheet has for marks: `mark-0` to `mark-5`. */
const colours = 6;
/** A provider's letter mark: up to two letters of its name, and a colour that follows from its id. */
export function markOf(id, name) {
    const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
    const first = Array.from(words[0] ?? '?');
    const second = Array.from(words[1] ?? '');
    const letters = second.length > 0 ? `${first[0] ?? ''}${second[0] ?? ''}`.toUpperCase() : first.slice(0, 2).join('');
    let sum = 0;
    for (const character of id)
        sum = (sum * 131 + (character.codePointAt(0) ?? 0)) % 65_521;
    return { letters, colour: `mark-${sum % colours}` };
}
