import { parseCookie } from 'cookie';
import type { RequestHandler } from 'express';
import { currentSession } from '../../middleware/session.js';
import type { Csrf } from '../../middleware/csrf.js';
import type { SetUpSheets } from '../../providers/set-up-sheets.js';
import type { Services } from '../../services.js';
import type { Addresses } from '../../config/addresses.js';
import { connectionModel } from './connection-model.js';
import { connectionStates } from '../api/connections.js';
import { noticeOf } from './notice.js';
import type { Pages } from '../request/pages.js';

type Dependencies = Services & {
  pages: Pages;
  csrf: Csrf;
  addresses: Addresses;
  setUps: SetUpSheets;
  sandboxUrl?: string | undefined;
};

/** GET / — a card for each provider that people connect, and for the operator's own where this session may use it. */
export function home(services: Dependencies): RequestHandler {
  const { cookies, pages, csrf, registry, addresses, setUps, sandboxUrl, configuration } = services;
  const findAvailable = () =>
    setUps
      .all()
      .filter(({ id }) => !registry.get(id))
      .map(({ id, name, variables }) => ({
        ...{ id, name },
        variables: variables.filter(({ required }) => required).map((variable) => variable.name),
      }));
  let available: ReturnType<typeof findAvailable> | undefined;
  return async (req, res) => {
    const current = currentSession(req);
    const justLoggedOut = parseCookie(req.headers.cookie ?? '')[cookies.loggedOutName] !== undefined;
    if (justLoggedOut) res.append('Set-Cookie', cookies.header(cookies.loggedOutName, '', 0));
    const connections = await connectionStates(services, req, registry.all());
    const addable = connections.filter(({ id }) => id !== null).length < configuration.connectionsPerHolder;
    res.type('html').send(
      pages.render(req, 'home', {
        csrf_token: csrf.token(req, res),
        connections: connections
          .flatMap((state) => {
            const provider = registry.get(state.provider);
            const redirectUri = configuration.production ? undefined : addresses.redirectUri(state.provider);
            const several = connections.filter((each) => each.provider === state.provider).length > 1;
            return provider ? [connectionModel(provider, state, { redirectUri, several, addable })] : [];
          })
          // The operator's own application is shown to those alone who may use it.
          .filter(({ connectable, status }) => connectable === true || status !== 'not_connected')
          .sort((one, other) => Number(other.connectable) - Number(one.connectable)),
        notice: justLoggedOut ? { kind: 'logged_out' } : noticeOf(req, registry, connections),
        any_offered: registry.all().length > 0,
        session_active: current !== undefined,
        sandbox: sandboxUrl === undefined ? null : { control_url: `${sandboxUrl}/control` },
        available: configuration.production ? [] : (available ??= findAvailable()),
        setup: !configuration.production,
      }),
    );
  };
}
