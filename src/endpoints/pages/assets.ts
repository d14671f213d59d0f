import { basename } from 'node:path';
import express, { type RequestHandler } from 'express';
import type { Views } from '../../views/render.js';

/** The style sheet, scripts and icons of the pages; the first folder that has a file wins. */
export function serveAssets({ assetFolders, assetVersions }: Views): RequestHandler[] {
  return assetFolders.map((folder) =>
    express.static(folder, {
      index: false,
      redirect: false,
      cacheControl: false,
      setHeaders: (res, path) => {
        // Only an address with the version of this very content never changes it: anyone may write another one.
        const query = /\?.*$/.exec(res.req.url)?.[0];
        const isVersioned = query === `?v=${assetVersions.get(basename(path)) ?? ''}`;
        res.setHeader('Cache-Control', isVersioned ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
}
