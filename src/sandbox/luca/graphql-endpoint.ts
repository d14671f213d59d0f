import { Router } from 'express';
import { apiGate } from '../api-gate.js';
import type { Authorization } from '../state/authorizations.js';
import { bearer } from '../bearer.js';
import { execute, type Arguments, type Schema } from '../graphql/execute.js';
import type { World } from '../state/world.js';

export interface GraphqlOptions {
  readonly realm: 'luca' | 'luca-v2';
  readonly paths: readonly string[];
  /** Header of a plain 401. */
  readonly challenge?: string;
  readonly schema: (authorization: Authorization) => Schema;
}

/** GraphQL over POST with JSON. Errors come inside an answer of status 200; a bad token as the switch says. */
export function graphqlEndpoint(world: World, { realm, paths, challenge, schema }: GraphqlOptions): Router {
  const router = Router();
  router.use(
    [...paths],
    apiGate(world, () => realm),
  );
  router.post([...paths], (req, res) => {
    const token = bearer(world, realm, req);
    const message = 'You are not authenticated';
    const errors = [{ message, extensions: { code: 'UNAUTHENTICATED' } }];
    if (!token) {
      if (world.switches.choice(realm, 'graphql_401') === 'errors_in_200') return void res.json({ data: null, errors });
      if (challenge !== undefined) res.set('WWW-Authenticate', challenge);
      return void res.status(401).json({ errors });
    }
    const { query, variables } = readCall(req.body as unknown);
    if (query === undefined)
      return void res
        .status(400)
        .json({ errors: [{ message: 'No query string was present', extensions: { code: 'BAD_REQUEST' } }] });
    res.json(execute(schema(token.authorization), query, variables));
  });
  router.all([...paths], (_req, res) => {
    res
      .status(405)
      .set('Allow', 'POST')
      .json({ errors: [{ message: 'Use POST', extensions: { code: 'BAD_REQUEST' } }] });
  });
  return router;
}

function readCall(body: unknown): { query: string | undefined; variables: Arguments } {
  if (typeof body !== 'object' || body === null) return { query: undefined, variables: {} };
  const { query, variables } = body as { query?: unknown; variables?: unknown };
  return {
    query: typeof query === 'string' ? query : undefined,
    variables: typeof variables === 'object' && variables !== null ? { ...variables } : {},
  };
}
