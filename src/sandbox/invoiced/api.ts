import { Router, type Request, type RequestHandler, type Response } from 'express';
import { apiGate } from '../api-gate.js';
import type { Token } from '../state/authorizations.js';
import { bearer } from '../bearer.js';
import type { World } from '../state/world.js';
import type { Book, Invoice } from './books.js';
import { newInvoice } from './new-invoice.js';
import { orderedPages } from './ordered-pages.js';
import { invoicePdf } from './invoice-pdf.js';

interface Caller {
  readonly token: Token;
  readonly company: string;
  readonly book: Book;
}

export function invoicedApi(world: World, realm: string, books: (company: string) => Book): Router {
  const base = `${world.internalUrl}/${realm}/api`;
  const sendPageOf = orderedPages(base);
  const answered = new Map<string, { status: number; body: unknown }>();
  const router = Router();
  router.use(apiGate(world, () => 'invoiced'));

  const called = (serve: (caller: Caller, req: Request, res: Response) => void): RequestHandler => {
    return (req, res) => {
      const token = bearer(world, realm, req);
      const company = token?.authorization.company;
      if (!token || company === undefined) {
        refuse(res, 401, 'invalid_request', 'Invalid access token.');
        return;
      }
      serve({ token, company, book: books(company) }, req, res);
    };
  };

  /** A write needs the scope for it, and with an Idempotency-Key happens once. */
  const written = (write: (caller: Caller, req: Request) => { status: number; body: unknown }): RequestHandler =>
    called((caller, req, res) => {
      if (!caller.token.scopes.includes('read_write')) {
        refuse(res, 403, 'invalid_request', 'The access token may only read.');
        return;
      }
      const key = req.get('idempotency-key');
      const seen = `${caller.company} ${req.method} ${req.path} ${key ?? ''}`;
      const { status, body } = (key === undefined ? undefined : answered.get(seen)) ?? write(caller, req);
      if (key !== undefined) answered.set(seen, { status, body });
      res.status(status).json(body);
    });

  router.get(
    '/invoices',
    called(({ company, book }, req, res) => {
      const query = new URL(req.originalUrl, base).searchParams;
      const status = query.get('filter[status]');
      const chosen = book.invoices.filter((invoice) => status === null || invoice.status === status);
      const shown = query.get('expand') === 'customer' ? chosen.map((one) => expanded(book, one)) : chosen;
      sendPageOf(shown, { company, path: '/invoices', query }, res);
    }),
  );
  router.post(
    '/invoices',
    written(({ book }, req) => newInvoice(book, req.body as unknown, world.clock.seconds())),
  );
  router.get(
    '/invoices/:id',
    called(({ book }, req, res) => {
      const invoice = book.invoices.find(({ id }) => id.toString() === req.params['id']);
      if (!invoice) {
        notFound(res);
        return;
      }
      if (req.accepts(['application/json', 'application/pdf']) !== 'application/pdf') return void res.json(invoice);
      const customer = book.customers.find(({ id }) => id === invoice.customer);
      res.type('application/pdf').send(invoicePdf(invoice, customer?.name ?? ''));
    }),
  );
  router.get(
    '/customers',
    called(({ company, book }, req, res) => {
      const query = new URL(req.originalUrl, base).searchParams;
      sendPageOf(book.customers, { company, path: '/customers', query }, res);
    }),
  );
  router.get(
    '/customers/:id',
    called(({ book }, req, res) => {
      const customer = book.customers.find(({ id }) => id.toString() === req.params['id']);
      if (customer) res.json(customer);
      else notFound(res);
    }),
  );
  router.use(called((_caller, _req, res) => notFound(res)));
  return router;
}

function expanded(book: Book, invoice: Invoice) {
  return { ...invoice, customer: book.customers.find(({ id }) => id === invoice.customer) ?? invoice.customer };
}

function notFound(res: Response): void {
  refuse(res, 404, 'invalid_request', 'Not found.');
}

function refuse(res: Response, status: number, type: string, message: string): void {
  res.status(status).json({ type, message });
}
