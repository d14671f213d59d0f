import type { Request, Response } from 'express';
import type { Connection } from '../../connections/connection.js';
import { problems, type ProblemCode } from '../../errors.js';
import type { Csrf } from '../../middleware/csrf.js';
import type { SignInOffer } from '../../middleware/error-handler.js';
import type { ProblemBody } from '../../http/problem.js';
import { localeOfRequest } from '../../middleware/language.js';
import type { Provider } from '../../providers/provider.js';
import type { ProviderRegistry } from '../../providers/registry.js';
import type { Cookies } from '../../sessions/cookies.js';
import type { ViewModels } from '../../views/models.js';
import type { Views } from '../../views/render.js';

export type { VariableField } from '../../views/models.js';

/** The pages that several endpoints show, in the language of the request. */
export interface Pages {
  render<Name extends keyof ViewModels>(req: Request, name: Name, model: ViewModels[Name]): string;
  start(req: Request, res: Response, provider: Provider, parameters: Readonly<Record<string, string>>): string;
  values(
    req: Request,
    res: Response,
    provider: Provider,
    asked: Pick<ViewModels['values'], 'fields' | 'parameters'>,
  ): string;
  /** Asks for a key, once more where the API did not accept one. */
  key(
    req: Request,
    res: Response,
    provider: Provider,
    asked: Pick<ViewModels['key'], 'refused' | 'parameters'>,
  ): string;
  confirm(
    req: Request,
    res: Response,
    provider: Provider,
    waiting: Connection,
    existing: { connection: Connection | undefined; addable: boolean },
    /** Names what waits, so that another account's token set is not confirmed by this page. */
    waits: string,
  ): string;
  error(req: Request, problem: ProblemBody, signIn?: SignInOffer): string;
}

interface Dependencies {
  views: Views;
  cookies: Cookies;
  csrf: Csrf;
  registry: ProviderRegistry;
  production: boolean;
  /** Keys of the sandbox's providers, by provider. */
  testKeys?: Readonly<Record<string, readonly string[]>> | undefined;
}

export function createPages({ views, cookies, csrf, registry, production, testKeys = {} }: Dependencies): Pages {
  const render: Pages['render'] = (req, name, model) => views.render(name, model, localeOfRequest(req, cookies));
  const nameOf = ({ id, name, environment }: Provider) => ({ id, name, environment: environment ?? null });
  return {
    render,
    start: (req, res, provider, parameters) =>
      render(req, 'start', { csrf_token: csrf.token(req, res), provider: nameOf(provider), parameters }),
    values: (req, res, provider, asked) =>
      render(req, 'values', { csrf_token: csrf.token(req, res), provider: nameOf(provider), ...asked }),
    key: (req, res, provider, asked) =>
      render(req, 'key', {
        ...{ csrf_token: csrf.token(req, res), provider: nameOf(provider), ...asked },
        test_keys: testKeys[provider.id] ?? [],
      }),
    confirm: (req, res, provider, { account }, { connection, addable }, waits) => {
      const isSame = account.subject !== undefined && connection?.account.subject === account.subject;
      const previous = isSame ? undefined : connection;
      return render(req, 'confirm', {
        csrf_token: csrf.token(req, res),
        provider: nameOf(provider),
        account: account.label ?? account.subject ?? '—',
        previous_account: previous ? nameOfAccount(previous) : null,
        addable: previous !== undefined && addable,
        parameters: { waits },
      });
    },
    error: (req, problem, signIn) => {
      const provider = problem.provider === undefined ? undefined : registry.get(problem.provider);
      return render(req, 'error', {
        code: problem.code,
        request_id: problem.request_id,
        provider: provider ? { id: provider.id, name: provider.name } : null,
        connect_url: signIn ? null : (problem.connect_url ?? null),
        ...(signIn ? { sign_in: signIn } : {}),
        connections: problem.connections ?? null,
        retry_after: problem.retry_after ?? null,
        detail: production ? null : operatorDetail(problem, provider),
      });
    },
  };
}

/** The person's own name for a connection, with the account's where that is another one. */
function nameOfAccount({ label: own, account: { label, subject } }: Connection): string {
  const account = label ?? subject ?? '—';
  return own === undefined || own === account ? account : `${own} (${account})`;
}

/** For the operator, in development: the sentence of the log, and which authorization server was asked where that matters. */
function operatorDetail({ code, detail }: ProblemBody, provider: Provider | undefined): string {
  const asked = provider?.discoveryUrl ?? provider?.issuer;
  const aboutServer = code === 'provider_misconfigured' || code === 'discovery_pending';
  return aboutServer && asked !== undefined ? `${detail} It was asked at ${asked}` : detail;
}

export function isCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(problems, code);
}
