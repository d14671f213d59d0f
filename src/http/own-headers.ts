/** The headers of every answer of our own, also of those that are made before or beside the pages' own set. */
export function ownHeaders(https: boolean): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex',
    ...(https ? { 'Strict-Transport-Security': strictTransport } : {}),
  };
}

/** A year, for this host alone (RFC 6797 section 6.1). */
export const strictTransport = 'max-age=31536000';
