import type { RequestHandler } from 'express';
import { openApiDocument } from '../../openapi/document.js';
import type { Services } from '../../services.js';
import type { Addresses } from '../../config/addresses.js';
import type { Pages } from '../request/pages.js';

type Dependencies = Pick<Services, 'cookies'> & { addresses: Addresses };

/** GET /openapi.json — the contract of every address, for programs. */
export function openApi(services: Dependencies): RequestHandler {
  const document = documentOf(services);
  return (_req, res) => {
    res.json(document);
  };
}

/** GET /docs — the same, for a person. */
export function docs(services: Dependencies & { pages: Pages }): RequestHandler {
  const document = documentOf(services);
  return (req, res) => {
    res.type('html').send(services.pages.render(req, 'docs', { document }));
  };
}

function documentOf({ addresses, cookies }: Dependencies) {
  return openApiDocument({ serverUrl: addresses.of(''), cookie: cookies.sessionName });
}
