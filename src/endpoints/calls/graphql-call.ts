import { GatehouseError } from '../../errors.js';
import { pathBelowMount } from '../../proxy/path.js';
import type { Provider } from '../../providers/provider.js';

/**
 * Whether a call is judged by its body: any where the file names no path, otherwise that at this path. Where other paths are
 * open as well, one that a server might take for it is refused. `mount` is what stands before the path in the raw `url`.
 */
export function isJudged({ id, api }: Provider, url: string, mount: string): boolean {
  const { graphql } = api;
  if (!graphql) return false;
  const path = pathBelowMount(url, mount);
  const endpoint = graphql.path;
  if (endpoint !== undefined && path !== endpoint) {
    if (!api.allow || looselyEqual(path, endpoint))
      throw new GatehouseError('route_not_allowed', `The provider file lists ${endpoint} alone.`, id);
    return false;
  }
  // Some servers read a document from here, before they look at the body.
  if (url.includes('?')) throw new GatehouseError('invalid_request', 'A GraphQL call has no query in its address.', id);
  return true;
}

function looselyEqual(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

/** Without what some servers read over: case, empty segments, parameters of segments. */
function comparable(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // As it is.
  }
  const segments = decoded.normalize('NFKC').toLowerCase().split(/[/\\]/);
  return segments.flatMap((segment) => segment.replace(/;.*$/, '').replace(/[. ]+$/, '') || []).join('/');
}
