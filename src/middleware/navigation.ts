import type { Request } from 'express';
import { GatehouseError } from '../errors.js';

/**
 * Connecting starts with a person's click. Prefetches, images, frames and background fetches say what they are in Fetch
 * Metadata and start nothing. Clients that send none of it pass.
 */
export function refuseUnlessNavigation(req: Request): void {
  const { headers } = req;
  const mode = headers['sec-fetch-mode'];
  const dest = headers['sec-fetch-dest'];
  const purpose = [headers['sec-purpose'], headers['purpose'], headers['x-purpose'], headers['x-moz']].join(' ');
  // A service worker that passes a navigation on: Chromium keeps the mode and empties the destination.
  const isPassedOn = mode === 'navigate' && dest === 'empty';
  const isDocument = dest === undefined || dest === 'document' || isPassedOn;
  const background = (mode !== undefined && mode !== 'navigate') || !isDocument;
  if (background || /prefetch|prerender|preview/i.test(purpose))
    throw new GatehouseError(
      'not_a_navigation',
      'Open this address by a link or a form, or send POST /connect from a script.',
    );
}

/**
 * Whether another site's page sent the person here. `same-site` counts as another site unless the origin is one of
 * `allowedOrigins`: a sibling host is not us. A browser without Fetch Metadata is judged by where it says it comes from.
 */
export function isCrossSiteNavigation(req: Request, publicOrigin: string, allowedOrigins: readonly string[]): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site === 'none' || site === 'same-origin') return false;
  const origin = req.headers.origin ?? originOf(req.headers.referer);
  if (origin === undefined) return site !== undefined;
  const ours = origin === publicOrigin || allowedOrigins.includes(origin);
  return !ours || !(site === undefined || site === 'same-site');
}

function originOf(referer: string | undefined): string | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined;
}
