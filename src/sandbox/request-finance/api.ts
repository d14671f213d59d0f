import { Router, type Request, type RequestHandler, type Response } from 'express';
import { apiGate } from '../api-gate.js';
import type { Token } from '../state/authorizations.js';
import { bearer } from '../bearer.js';
import { rateCounter } from '../rate-limit.js';
import type { Person } from '../state/people.js';
import { queryParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { clientsOf, invoicesOf, organizationsOf, type Network, type Organization } from './data.js';
import { realm } from './metadata.js';
import { subjectOf } from './token.js';

interface Caller {
  readonly token: Token;
  readonly network: Network;
  readonly organization: Organization | undefined;
  /** Whose data is read: the organization's, the person's own, or the application's. */
  readonly book: string;
}

export function requestFinanceApi(world: World): Router {
  const memberOf = (person: Person) =>
    world.switches.flag(realm, 'left_organizations') ? [] : organizationsOf(person);
  const rate = rateCounter(world.clock, { limit: 15_000, window: 3600 });
  const router = Router();
  router.use(
    apiGate(
      world,
      (authorization) => world.authorizations.access(authorization?.slice(7))?.authorization.client.provider ?? realm,
    ),
  );

  /** The checks that every call passes: token, rate, network, organization. */
  const called = (serve: (caller: Caller, req: Request, res: Response) => void): RequestHandler => {
    return (req, res) => {
      const token = bearer(world, realm, req);
      if (token?.authorization.audience !== 'accounts') {
        refuse(res, 401, 'Unauthorized');
        return;
      }
      const { client, person } = token.authorization;
      const { limit, remaining, reset, exceeded } = rate(`${client.id} ${person?.id ?? ''}`);
      res.set({
        'X-Rate-Limit-Limit': limit.toString(),
        'X-Rate-Limit-Remaining': remaining.toString(),
        'X-Rate-Limit-Reset': reset.toString(),
      });
      if (exceeded) {
        refuse(res.set('Retry-After', reset.toString()), 429, 'Too many requests');
        return;
      }
      const network = req.get('x-network');
      if (network !== 'live' && network !== 'test') {
        refuse(res, 400, 'X-Network must be live or test');
        return;
      }
      const wanted = req.get('x-organization');
      const organization = person && memberOf(person).find(({ id }) => id === wanted);
      if (wanted !== undefined && !organization) {
        refuse(res, 403, 'Not a member of this organization');
        return;
      }
      serve({ token, network, organization, book: organization?.id ?? person?.id ?? 'application' }, req, res);
    };
  };

  router.get(
    '/invoices',
    called(({ book, network }, req, res) => {
      const query = queryParameters(req);
      const take = Math.min(Number(query.get('take') ?? 25) || 25, 100);
      const page = Number(query.get('skip') ?? 0) || 0;
      const search = query.get('search')?.toLowerCase() ?? '';
      const all = invoicesOf(book, network, world.clock.seconds()).filter(({ buyerInfo }) =>
        buyerInfo.businessName.toLowerCase().includes(search),
      );
      const results = all.slice(page * take, (page + 1) * take);
      res.json(query.get('format') === 'paginated' ? { results, total: all.length } : results);
    }),
  );

  router.get(
    '/invoices/:id',
    called(({ book, network }, req, res) => {
      const all = invoicesOf(book, network, world.clock.seconds());
      const invoice = all.find(({ id, requestId }) => id === req.params['id'] || requestId === req.params['id']);
      if (invoice) res.json(invoice);
      else refuse(res, 404, 'Not found');
    }),
  );

  router.get(
    '/clients',
    called(({ book }, _req, res) => void res.json(clientsOf(book))),
  );

  router.get(
    '/users/organizations',
    called(({ token }, _req, res) => {
      const { person } = token.authorization;
      if (!person || !token.scopes.includes('user:read')) {
        refuse(res, 403, 'Insufficient scope: user:read');
        return;
      }
      res.json(memberOf(person));
    }),
  );

  router.get(
    '/users',
    called(({ token, organization }, _req, res) => {
      const { person } = token.authorization;
      if (!person) {
        refuse(res, 403, 'Not a person');
        return;
      }
      const { givenName, familyName, username } = person;
      res.json({
        id: subjectOf(person),
        email: username,
        firstname: givenName,
        lastname: familyName,
        organization: organization ?? null,
      });
    }),
  );

  router.use((_req, res) => refuse(res, 404, 'Not found'));
  return router;
}

function refuse(res: Response, status: number, message: string): void {
  res.status(status).json({ statusCode: status, message });
}
