/**
 * JSON whose whole numbers keep every digit: those beyond 2^53 become texts. An id that is rounded names another account.
 * Throws SyntaxError. The work grows with the length alone, since only valid JSON is searched.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, quoteLargeNumber));
}

/** The object that the text holds; undefined where it holds something else. */
export function parseExactObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseExactJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON.
  }
  return undefined;
}

function quoteLargeNumber(token: string): string {
  const isLarge = /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
  return isLarge ? `"${token}"` : token;
}
