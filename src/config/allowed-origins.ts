import type { Environment } from './environment.js';
import { isSameSite } from './same-site.js';

/** ALLOWED_ORIGINS: origins of the front end that the browser sends the session's cookie with (RFC 6265bis section 5.2). */
export function readAllowedOrigins({ list, refuse, warn }: Environment, publicUrl: URL): string[] {
  return list('ALLOWED_ORIGINS')
    .filter((entry) => {
      const url = URL.canParse(entry) ? new URL(entry) : undefined;
      const fine = url !== undefined && /^https?:$/.test(url.protocol) && url.origin === entry.replace(/\/$/, '');
      if (!fine)
        refuse(
          'ALLOWED_ORIGINS',
          'an entry is not an origin',
          'Write origins like https://app.example.com, with no path.',
        );
      else if (publicUrl.protocol === 'https:' && url.protocol !== 'https:')
        refuse(
          'ALLOWED_ORIGINS',
          'an entry is http while PUBLIC_URL is https',
          'Use https; a cookie would not be sent otherwise.',
        );
      else checkSite(url);
      return fine;
    })
    .map((entry) => new URL(entry).origin);

  function checkSite(origin: URL): void {
    if (isSameSite(publicUrl, origin)) return;
    warn(
      `ALLOWED_ORIGINS: ${origin.origin} is of another site than PUBLIC_URL and cannot work: a browser sends the cookie of ${publicUrl.host} to pages of its own site only. Serve both below one domain, as in app.example.com and connect.example.com.`,
    );
  }
}
