import express, { type RequestHandler } from 'express';

/** The style sheet, scripts and icons of the pages; the first folder that has a file wins. */
export function assets(folders: readonly string[]): RequestHandler[] {
  return folders.map((folder) =>
    express.static(folder, {
      index: false,
      redirect: false,
      cacheControl: false,
      setHeaders: (res) => {
        // An address with a version never changes its content.
        const versioned = res.req.url.includes('?v=');
        res.setHeader('Cache-Control', versioned ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
}
