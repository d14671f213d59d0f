import type { Request, RequestHandler } from 'express';
import { GatehouseError } from '../errors.js';
import { toGatehouseError } from '../middleware/error-handler.js';
import { askApi } from '../oauth/api-request.js';
import type { HttpAnswer } from '../oauth/http.js';
import { HttpFailure } from '../oauth/http-failure.js';
import type { ApiExample, Provider } from '../providers/provider.js';
import { routeRefusal } from '../proxy/routes.js';
import { answerModel } from '../views/answer-model.js';
import { localeOfRequest } from '../middleware/language.js';
import { showConnection, type ConnectionPageDependencies } from './connection-page.js';
import { offeredProvider } from './offered-provider.js';
import { bodyParameters, single } from './parameters.js';
import { connectionFor } from './called-connection.js';

/** Milliseconds and bytes that an answer may take: it is shown in part, on one page. */
const limits = { deadline: 20_000, size: 4_000_000 };

/**
 * POST /connections/:provider/example — makes one of the provider file's example calls and shows its answer on the page of
 * the connection: what the explorer does with a script, for browsers without one.
 */
export function exampleAnswer(services: ConnectionPageDependencies): RequestHandler {
  return async (req, res) => {
    const provider = offeredProvider(services.registry, req.params['provider']);
    const wanted = single(bodyParameters(req), 'example') ?? '0';
    const example = /^\d{1,3}$/.test(wanted) ? provider.api.examples[Number(wanted)] : undefined;
    if (!example)
      throw new GatehouseError('invalid_request', 'The provider file has no example call of this number.', {
        provider: provider.id,
      });
    const started = services.now();
    const outcome = await ask(services, req, provider, example).catch((error: unknown) => toGatehouseError(error));
    const milliseconds = services.now() - started;
    const problem = outcome instanceof GatehouseError ? outcome.code : null;
    services.log.info('example.call', {
      provider: provider.id,
      ...(problem === null ? {} : { code: problem }),
      request_id: res.locals.requestId,
    });
    const answer = answerModel({
      ...{ number: Number(wanted), example, milliseconds, problem },
      ...(outcome instanceof GatehouseError ? {} : { answer: outcome }),
      locale: localeOfRequest(req, services.cookies),
    });
    res.type('html').send(await showConnection(services, req, res, provider, answer));
  };
}

/** The call with the session's token; where the API refuses that one, once more with a renewed one. */
async function ask(
  services: ConnectionPageDependencies,
  req: Request,
  provider: Provider,
  example: ApiExample,
): Promise<HttpAnswer> {
  const { refusedTokens, http } = services;
  const refusal = routeRefusal(provider.api.allow, example.method, example.path.replace(/\?.*$/, ''));
  if (refusal || !['GET', 'POST'].includes(example.method))
    throw new GatehouseError(refusal?.code ?? 'method_not_allowed', 'The provider file does not list this call.', {
      provider: provider.id,
    });
  const { holder, connection } = await connectionFor(services, req, provider);
  const { organizations } = provider;
  const { organization } = connection;
  const headers = organizations && organization ? { [organizations.header.toLowerCase()]: organization.id } : {};
  const call = (token: string) =>
    askApi(http, provider, example, token, { ...limits, headers }).catch((error: unknown) => {
      throw error instanceof HttpFailure ? unreadable(error, provider) : error;
    });
  const first = await call(connection.tokens.accessToken);
  if (!provider.api.authFailureStatus.includes(first.status)) return first;
  const renewed = await refusedTokens.afterRejection(holder, connection);
  return renewed ? call(renewed.tokens.accessToken) : first;
}

function unreadable(failure: HttpFailure, { id, name }: Provider): GatehouseError {
  const codes = {
    timeout: 'upstream_timeout',
    unreachable: 'upstream_unreachable',
    too_large: 'body_too_large',
  } as const;
  return new GatehouseError(codes[failure.code], `${name} gave no answer that could be shown.`, {
    provider: id,
    cause: failure,
  });
}
