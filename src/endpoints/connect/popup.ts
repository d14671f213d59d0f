import { parseCookie } from 'cookie';
import type { Request, RequestHandler, Response } from 'express';
import { isConnectionId } from '../../connections/cell.js';
import { GatehouseError, problems, type ProblemCode } from '../../errors.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { Addresses } from '../../config/addresses.js';
import { isCode, type Pages } from '../request/pages.js';
import { parametersOf, queryParameters, single, type SentParameters } from '../request/parameters.js';

type Dependencies = Pick<Services, 'configuration' | 'registry' | 'cookies'> & { pages: Pages };

/** How an attempt in a pop-up ended, as the front end is told: nothing in it opens anything. */
interface PopupOutcome {
  /** The name that the front end gave the attempt. */
  popup: string;
  provider: string;
  /** The id of the connection; null where it failed or is not known. */
  connection: string | null;
  error: ProblemCode | null;
  status: number | null;
  request_id: string | null;
}

/** Seconds in which a front end that was cut off from its pop-up can ask how it ended. */
const outcomeLifeSeconds = 120;
/** Outcomes that a browser holds at a time: more than a person waits for. */
const maxOutcomes = 4;
/** Cookies that one response removes. */
const maxRemovals = 24;

/**
 * Where an attempt that was started for a pop-up comes back to: our own page, which tells the origin that started it. A
 * random name of the front end's tells its attempts apart. Undefined where none was asked for.
 */
export function popupReturnTo(
  { configuration, addresses }: Pick<Services, 'configuration'> & { addresses: Addresses },
  req: Request,
  provider: Provider,
  parameters: SentParameters,
): string | undefined {
  const popup = single(parameters, 'popup_id');
  if (popup === undefined) return undefined;
  if (!isPopupId(popup))
    throw new GatehouseError(
      'invalid_request',
      'popup_id is 16 to 64 letters, digits, - or _, drawn at random.',
      provider.id,
    );
  const origin = req.headers.origin ?? configuration.publicUrl.origin;
  return `${addresses.of('/popup')}?${new URLSearchParams({ popup, provider: provider.id, origin }).toString()}`;
}

/**
 * Where an attempt of a pop-up ends at our own page, its outcome goes along in a cookie: for a front end that a provider's
 * opener policy has cut off from its pop-up. Only this response sets it, since its name is the front end's choice.
 */
export function sendPopupOutcome(
  { registry, cookies, addresses }: Pick<Services, 'registry' | 'cookies'> & { addresses: Addresses },
  req: Request,
  res: Response,
  location: string,
): void {
  const [page, query] = location.split(/[?#]/);
  if (page !== addresses.of('/popup')) return;
  const outcome = outcomeOf(parametersOf(query ?? ''), registry);
  if (!outcome) return;
  const names = Object.keys(parseCookie(req.headers.cookie ?? '')).filter((name) =>
    name.startsWith(cookies.popupPrefix),
  );
  for (const name of names.slice(0, Math.max(0, names.length - maxOutcomes + 1)).slice(0, maxRemovals))
    res.append('Set-Cookie', cookies.header(name, '', 0));
  const { popup, provider, connection, error, request_id: requestId } = outcome;
  const value = [provider, error ?? '', requestId ?? '', connection ?? ''].join('.');
  res.append('Set-Cookie', cookies.header(`${cookies.popupPrefix}${popup}`, value, outcomeLifeSeconds));
}

/** GET /popup — ends a pop-up: tells the page that opened it how the attempt ended, and closes the window. */
export function popupPage({ configuration, registry, pages }: Dependencies): RequestHandler {
  const { publicUrl, allowedOrigins } = configuration;
  return (req, res) => {
    const parameters = queryParameters(req);
    const origin = single(parameters, 'origin');
    const opener = [publicUrl.origin, ...allowedOrigins].find((each) => each === origin);
    const outcome = outcomeOf(parameters, registry);
    const provider = registry.get(single(parameters, 'provider') ?? '');
    res.type('html').send(
      pages.render(req, 'popup', {
        provider: provider ? { id: provider.id, name: provider.name } : null,
        code: outcome?.error ?? null,
        connected: outcome?.error === null,
        request_id: outcome?.request_id ?? null,
        tells: outcome && opener !== undefined ? { origin: opener, outcome: JSON.stringify(outcome) } : null,
      }),
    );
  };
}

/** GET /api/popups/:popup — the same, for a front end that a provider's opener policy has cut off from its pop-up. */
export function popupOutcome({ registry, cookies }: Dependencies): RequestHandler {
  return (req, res) => {
    const popup = String(req.params['popup']);
    const name = isPopupId(popup) ? `${cookies.popupPrefix}${popup}` : '';
    const value = parseCookie(req.headers.cookie ?? '')[name];
    const [provider = '', error = '', requestId = '', connection = ''] = value?.split('.') ?? [];
    const said = new Map(
      Object.entries({ popup, provider, connection, request_id: requestId }).map(([key, each]) => [key, [each]]),
    );
    said.set(error === '' ? 'connected' : 'connect_error', [error === '' ? provider : error]);
    const outcome = value === undefined ? undefined : outcomeOf(said, registry);
    if (outcome) res.append('Set-Cookie', cookies.header(name, '', 0));
    res.json({ outcome: outcome ?? null });
  };
}

/** What the parameters say, as far as it is of ours; anybody may have written them. */
function outcomeOf(parameters: SentParameters, registry: Dependencies['registry']): PopupOutcome | undefined {
  const popup = single(parameters, 'popup') ?? '';
  const provider = registry.get(single(parameters, 'provider') ?? '')?.id;
  const error = single(parameters, 'connect_error');
  const requestId = single(parameters, 'request_id') ?? '';
  if (!isPopupId(popup) || provider === undefined) return undefined;
  const code = isCode(error) ? error : null;
  if (code === null && (error !== undefined || single(parameters, 'connected') !== provider)) return undefined;
  const connection = single(parameters, 'connection') ?? '';
  return {
    popup,
    provider,
    connection: code === null && isConnectionId(connection) ? connection : null,
    error: code,
    status: code && problems[code].status,
    request_id: /^[\w-]{12}$/.test(requestId) ? requestId : null,
  };
}

function isPopupId(value: string): boolean {
  return /^[\w-]{16,64}$/.test(value);
}
