/**
 * Indents JSON text without reading it as values: numbers keep their digits, and members that come twice come twice. Text
 * that is no JSON comes out with its characters unchanged but for spaces outside of quotation marks.
 * @param {string} text
 */
export function indent(text) {
  /** @type {string[]} */
  const parts = [];
  let depth = 0;
  let at = 0;
  const line = () => `\n${'  '.repeat(Math.min(depth, 200))}`;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      parts.push(text.slice(at, end));
      at = end;
      continue;
    }
    if (character === '{' || character === '[') {
      const close = nextSign(text, at + 1);
      if (text[close] === '}' || text[close] === ']') {
        parts.push(character, text[close]);
        at = close + 1;
        continue;
      }
      depth += 1;
      parts.push(character, line());
    } else if (character === '}' || character === ']') {
      depth = Math.max(0, depth - 1);
      parts.push(line(), character);
    } else if (character === ',') parts.push(',', line());
    else if (character === ':') parts.push(': ');
    else if (!isSpace(character)) {
      const start = at;
      while (at + 1 < text.length && !/[\s{}[\],:"]/.test(text.charAt(at + 1))) at += 1;
      parts.push(text.slice(start, at + 1));
    }
    at += 1;
  }
  return parts.join('');
}

/**
 * @param {string} text
 * @param {number} start
 */
function endOfString(text, start) {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

/**
 * @param {string} text
 * @param {number} from
 */
function nextSign(text, from) {
  let at = from;
  while (at < text.length && isSpace(text[at])) at += 1;
  return at;
}

/** @param {string | undefined} character */
function isSpace(character) {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}
