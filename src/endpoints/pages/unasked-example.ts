import { parseCookie } from 'cookie';
import type { Request, Response } from 'express';
import type { Configuration } from '../../config/configuration.js';
import { isCrossSiteNavigation } from '../../middleware/navigation.js';
import type { ApiExample, Provider } from '../../providers/provider.js';
import { isQuery } from '../../proxy/graphql-query.js';
import type { Cookies } from '../../sessions/cookies.js';

/**
 * The example that the page calls before the person asks for one: the first that changes nothing. None where another
 * site led here; the way back from the provider, which the callback marks with a cookie, is no such link.
 */
export function unaskedExample(
  { configuration, cookies }: { configuration: Configuration; cookies: Cookies },
  req: Request,
  res: Response,
  { id, api }: Provider,
): number | null {
  const arrived = parseCookie(req.headers.cookie ?? '')[cookies.arrivedName];
  if (arrived !== undefined) res.append('Set-Cookie', cookies.header(cookies.arrivedName, '', 0));
  const { publicUrl, allowedOrigins } = configuration;
  if (arrived !== id && isCrossSiteNavigation(req, publicUrl.origin, allowedOrigins)) return null;
  const first = api.examples.findIndex((example) => isReading(example, api.style));
  return first === -1 ? null : first;
}

function isReading({ method, body }: ApiExample, style: Provider['api']['style']): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const isGraphql = style === 'graphql' && method === 'POST' && body !== undefined;
  return isGraphql && isQuery(Buffer.from(body), { 'content-type': 'application/json' });
}
