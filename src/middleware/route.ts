import type { RequestHandler, Router } from 'express';
import { GatehouseError } from '../errors.js';

type Handlers = RequestHandler | readonly RequestHandler[];

interface Methods {
  get?: Handlers;
  post?: Handlers;
  put?: Handlers;
  patch?: Handlers;
  delete?: Handlers;
  /** False where a GET does something: a HEAD must not. */
  head?: boolean;
}

/** One path with all of its methods; any other method is refused with those that there are. */
export function route(router: Pick<Router, 'route'>, path: string, { head = true, ...methods }: Methods): void {
  const at = router.route(path);
  if (!head) at.head(refuse(methods));
  for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    const handlers = methods[method];
    if (handlers)
      at[method](...(Array.isArray(handlers) ? (handlers as RequestHandler[]) : [handlers as RequestHandler]));
  }
  at.all(refuse(methods));
}

function refuse(methods: Omit<Methods, 'head'>): RequestHandler {
  const allow = Object.keys(methods).map((method) => method.toUpperCase());
  return () => {
    throw new GatehouseError('method_not_allowed', `This address answers ${allow.join(' and ')}.`, { allow });
  };
}
