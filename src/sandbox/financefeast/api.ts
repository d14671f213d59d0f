import { randomUUID } from 'node:crypto';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { apiGate } from '../api-gate.js';
import type { Token } from '../state/authorizations.js';
import { bearer } from '../bearer.js';
import { rateCounter } from '../rate-limit.js';
import { queryParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { companyOf, dateOf, endOfDay } from './prices.js';

const realm = 'financefeast';

export function financefeastApi(world: World): Router {
  const rate = rateCounter(world.clock, { limit: 10_000, window: 86_400 });
  const router = Router();
  router.use(apiGate(world, () => realm));

  /** 403, never 401, for whoever has no good token. */
  const called = (serve: (token: Token, req: Request, res: Response) => void): RequestHandler => {
    return (req, res) => {
      const token = bearer(world, realm, req);
      if (!token) {
        refuse(res, 403, 'Not authenticated');
        return;
      }
      const { limit, remaining, reset, exceeded } = rate(token.authorization.person?.id ?? '');
      res.set({
        'x-ratelimit-limit': limit.toString(),
        'x-ratelimit-remaining': remaining.toString(),
        'x-ratelimit-reset': (world.clock.seconds() + reset).toString(),
      });
      if (exceeded) {
        refuse(res, 429, 'Your plan allows no more calls today');
        return;
      }
      serve(token, req, res);
    };
  };

  router.get(
    '/oauth/validate',
    called((token, _req, res) => {
      const { person } = token.authorization;
      const plan = person?.id === 'jo' ? 'professional' : 'basic';
      res.json({
        valid: true,
        expires_at: token.expiresAt,
        scope: token.scopes.join(' '),
        ...(token.scopes.includes('profile') ? { email: person?.username } : {}),
        ...(token.scopes.includes('plan') ? { plan } : {}),
      });
    }),
  );

  router.get(
    '/data/eod',
    called((_token, req, res) => {
      const query = queryParameters(req);
      const ticker = query.get('ticker');
      if (ticker === undefined) {
        refuse(res, 400, 'ticker is required');
        return;
      }
      const company = companyOf(ticker);
      const exchange = query.get('exchange');
      if (!company || (exchange !== undefined && exchange !== company.exchange)) {
        refuse(res, 404, 'Unknown ticker');
        return;
      }
      const started = performance.now();
      const to = day(query.get('date_to')) ?? new Date(world.clock.seconds() * 1000);
      const from = day(query.get('date_from')) ?? new Date(to.getTime() - 30 * 86_400_000);
      if (to.getTime() - from.getTime() > 3660 * 86_400_000) {
        refuse(res, 400, 'At most ten years at once');
        return;
      }
      const data = endOfDay(ticker, company, from, to);
      res.json({
        ticker,
        company_name: company.name,
        exchange: company.exchange,
        uuid4: randomUUID(),
        date_from: dateOf(from),
        date_to: dateOf(to),
        interval: query.get('interval') ?? '1d',
        hits: data.length,
        took_ms: Math.round(performance.now() - started),
        data,
      });
    }),
  );

  router.use(called((_token, _req, res) => refuse(res, 404, 'Not found')));
  return router;
}

function day(text: string | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function refuse(res: Response, status: number, message: string): void {
  res.status(status).json({ status, message });
}
