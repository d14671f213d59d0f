import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** One middleware made of several. Between two of its own layers Express takes its time, which every proxied call would pay. */
export function inTurn(...handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    runFrom(0, handlers, req, res, next);
  };
}

/** The handlers in turn for addresses that begin with the prefix; others pass by. */
export function below(prefix: string, ...handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    if (req.url.startsWith(prefix)) runFrom(0, handlers, req, res, next);
    else next();
  };
}

function runFrom(
  at: number,
  handlers: readonly RequestHandler[],
  req: Request,
  res: Response,
  next: NextFunction,
): void {
  const handler = handlers[at];
  if (!handler) {
    next();
    return;
  }
  const done: unknown = handler(req, res, (error?: unknown) => {
    if (error === undefined) runFrom(at + 1, handlers, req, res, next);
    else next(error);
  });
  if (done instanceof Promise) done.catch(next);
}
