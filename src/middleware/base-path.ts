import type { RequestHandler } from 'express';

/**
 * Routes answer with and without the path of PUBLIC_URL, since some proxies strip it and some do not. The raw rest of the
 * address is left exactly as it came.
 */
export function basePath(prefix: string): RequestHandler {
  return (req, _res, next) => {
    if (prefix !== '') req.url = withoutPrefix(req.url, prefix);
    next();
  };
}

export function withoutPrefix(url: string, prefix: string): string {
  if (prefix === '' || !url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
