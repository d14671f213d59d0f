import type { Request } from 'express';
import { filledPath, isPathValue, withVariable } from '../../../views/assets/paging.js';
import { GatehouseError } from '../../errors.js';
import { askApi } from '../../oauth/api-request.js';
import type { HttpAnswer } from '../../http/client.js';
import { HttpFailure } from '../../http/failure.js';
import { parseExactJson } from '../../exact-json.js';
import { atPointer } from '../../json-pointer.js';
import type { ApiExample, Provider } from '../../providers/provider.js';
import { routeRefusal } from '../../proxy/routes.js';
import type { Services } from '../../services.js';
import type { Named } from '../request/named-connection.js';
import { findConnection } from '../calls/find-connection.js';
import { bodyTest } from '../calls/call-target.js';
import { countedHttp } from '../calls/own-call.js';
import { createTokenUse } from '../calls/token-use.js';
import { withParameters, type OwnParameter } from '../../http/query-parameters.js';
import { isQuery } from '../../proxy/graphql-query.js';

/** Milliseconds and bytes that an answer may take: it is shown in part, on one page. */
const limits = { deadline: 20_000, size: 4_000_000 };

/** Which page of the answer is wanted, as the form below the one before says. */
export interface WantedPage {
  query?: string | undefined;
  cursor?: string | undefined;
  /** Rows of the pages before. */
  before: number;
}

/** What was asked in the end, and what came: the answer, or the look-up that found nothing. */
export type ExampleOutcome = { example: ApiExample; answer: HttpAnswer; provider: Provider } | { nothing: string };

/** The example as it asks for this page: another query of the same path, or another value of its cursor. */
function ofPage(example: ApiExample, { query, cursor }: WantedPage): ApiExample {
  const { path, body, next } = example;
  if (query !== undefined) return { ...example, path: `${path.replace(/\?.*$/, '')}?${query}` };
  if (cursor === undefined || next?.variable === undefined || body === undefined) return example;
  return { ...example, body: withVariable(body, next.variable, cursor) };
}

/**
 * Makes an example call, after those that it is made of, with the session's token; where the API refuses that one, once more
 * with a renewed one. Throws GatehouseError.
 */
export async function askExample(
  services: Services,
  req: Request,
  name: Named,
  wanted: ApiExample,
  page: WantedPage,
): Promise<ExampleOutcome> {
  const { refusedTokens } = services;
  const found = await findConnection(services, req, name);
  const { ref, connection } = found;
  const { provider } = ref;
  const chosen = provider.api.examples[name.provider.api.examples.indexOf(wanted)] ?? wanted;
  const http = countedHttp(services, found);
  const use = createTokenUse(refusedTokens, connection);
  const { organizations } = provider;
  const { organization } = connection;
  const { header, parameter } = organizations ?? {};
  const organizationHeader = header !== undefined && organization ? { [header.toLowerCase()]: organization.id } : {};
  const organizationParameter: OwnParameter[] =
    parameter !== undefined && organization ? [[parameter, organization.id]] : [];
  const { authFailureStatus, authFailureBody } = provider.api;
  const isRefusalBody = authFailureBody && bodyTest(authFailureBody);
  const isRefusal = ({ status, body }: HttpAnswer): boolean =>
    authFailureStatus.includes(status) || (status < 300 && isRefusalBody?.(Buffer.from(body)) === true);

  const call = async (example: Pick<ApiExample, 'method' | 'path' | 'body' | 'accept'>): Promise<HttpAnswer> => {
    refuseUnlisted(provider, example);
    const fixed = Object.keys(provider.api.headers).map((name) => name.toLowerCase());
    const accept = example.accept === undefined || fixed.includes('accept') ? {} : { accept: example.accept };
    const asked = { ...example, path: withParameters(example.path, organizationParameter) };
    const answer = await askApi(http, provider, asked, use.connection.tokens.accessToken, {
      ...limits,
      headers: { ...accept, ...organizationHeader },
    }).catch((error: unknown) => {
      throw error instanceof HttpFailure ? unreadable(error, provider) : error;
    });
    if (!isRefusal(answer)) {
      if (answer.status < 400) refusedTokens.accepted(ref, use.connection);
      return answer;
    }
    const refreshed = await use.afterRejection(ref);
    return refreshed && mayBeRepeated(answer, example) ? call(example) : answer;
  };

  const values: Record<string, string | number> = {};
  for (const [name, { path, value }] of Object.entries(chosen.look_up ?? {})) {
    const { status, body } = await call({ method: 'GET', path });
    const found = status < 300 ? atPointer(parseJson(body), value) : undefined;
    if (!isPathValue(found)) return { nothing: path };
    values[name] = found;
  }
  const example = ofPage({ ...chosen, path: filledPath(chosen.path, values) }, page);
  return { example, answer: await call(example), provider };
}

/** A mutation that the API answered with 2xx may have done its work, whatever the body says of the token. */
function mayBeRepeated({ status }: HttpAnswer, { method, body }: Pick<ApiExample, 'method' | 'body'>): boolean {
  return status >= 300 || method === 'GET' || isQuery(Buffer.from(body ?? ''), {});
}

function refuseUnlisted(provider: Provider, { method, path }: Pick<ApiExample, 'method' | 'path'>): void {
  const refusal = routeRefusal(provider.api.allow, method, path.replace(/\?.*$/, ''));
  if (refusal || !['GET', 'POST'].includes(method))
    throw new GatehouseError(
      refusal?.code ?? 'method_not_allowed',
      'The provider file does not list this call.',
      provider.id,
    );
}

function parseJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
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
