/** The methods of RFC 9110 section 9 and RFC 5789 that are served and forwarded where nothing else is written. */
export const usualMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const safe: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'PROPFIND', 'SEARCH']);

/** Whether the method changes nothing at the server, so that requests may be worked on side by side or be repeated. */
export function isSafeMethod(method: string | undefined): boolean {
  return safe.has(method);
}
