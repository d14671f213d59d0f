import type { RequestHandler } from 'express';
import { GatehouseError } from '../../errors.js';
import { toGatehouseError } from '../../middleware/error-handler.js';
import type { Provider } from '../../providers/provider.js';
import { answerModel } from '../../views/answer-model.js';
import { localeOfRequest } from '../../middleware/language.js';
import { showConnection, shownConnection, type ConnectionPageDependencies } from './connection-page.js';
import { nameOf } from '../request/named-connection.js';
import { bodyParameters, single, type SentParameters } from '../request/parameters.js';
import { askExample, type WantedPage } from './example-call.js';

/**
 * POST /connections/:key/example — makes one of the provider file's example calls and shows its answer on the page of
 * the connection: what the explorer does with a script, for browsers without one.
 */
export function exampleAnswer(services: ConnectionPageDependencies): RequestHandler {
  return async (req, res) => {
    const found = await shownConnection(services, req);
    const { provider } = found;
    const parameters = bodyParameters(req);
    const wanted = single(parameters, 'example') ?? '0';
    const example = /^\d{1,3}$/.test(wanted) ? provider.api.examples[Number(wanted)] : undefined;
    if (!example)
      throw new GatehouseError('invalid_request', 'The provider file has no example call of this number.', provider.id);
    const page = wantedPage(parameters);
    const started = services.now();
    const outcome = await askExample(services, req, nameOf(found), example, page).catch((error: unknown) =>
      toGatehouseError(error),
    );
    const milliseconds = services.now() - started;
    const problem = outcome instanceof GatehouseError ? outcome.code : null;
    services.log.info('example.call', {
      provider: provider.id,
      ...(problem === null ? {} : { code: problem }),
      request_id: res.locals.requestId,
    });
    const answered = !(outcome instanceof GatehouseError) && 'answer' in outcome ? outcome : undefined;
    const answer = answerModel({
      ...{ number: Number(wanted), example: answered?.example ?? example, milliseconds, problem, before: page.before },
      ...(answered ? { answer: { ...answered.answer, url: addressOf(answered.provider, answered.example.path) } } : {}),
      ...(outcome instanceof GatehouseError || !('nothing' in outcome) ? {} : { nothing: outcome.nothing }),
      locale: localeOfRequest(req, services.cookies),
      now: services.now(),
    });
    res.type('html').send(await showConnection(services, req, res, found, answer));
  };
}

function wantedPage(parameters: SentParameters): WantedPage {
  const [query, cursor, before = '0'] = ['query', 'cursor', 'before'].map((name) => single(parameters, name));
  const fits = (query === undefined || /^[\x21\x22\x24-\x7e]{1,2048}$/.test(query)) && (cursor?.length ?? 0) <= 1024;
  if (!fits || !/^\d{1,9}$/.test(before))
    throw new GatehouseError('invalid_request', 'This names no page of an answer.');
  return { query, cursor, before: Number(before) };
}

function addressOf({ api }: Provider, path: string): string {
  return `${api.baseUrl.href.replace(/\/$/, '')}${path}`;
}
