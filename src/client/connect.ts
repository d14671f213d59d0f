import { announceChange } from './changes.js';
import { GatehouseError } from './gatehouse-error.js';
import { openPopup, outcomeOf } from './popup.js';
import { call, checkedProvider, session } from './requests.js';
import type { Connection, ConnectOptions, Disconnected, Outcome } from './types.js';

/**
 * Connects a provider: in a pop-up, answering the connection; or by leaving this page, and then it never answers. Throws
 * GatehouseError: popup_blocked, popup_closed, access_denied when the person refused, or what Gatehouse says.
 */
export async function connect(provider: string, options: ConnectOptions = {}): Promise<Connection> {
  const { popup = false, returnTo = location.href, parameters, reconsent = false } = options;
  checkedProvider(provider);
  const opened = popup ? openPopup(provider) : undefined;
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
  const wish = { ...parameters, ...(reconsent ? { reconsent: '1' } : {}) };
  const started = call('POST', `connect/${provider}`, {
    ...wish,
    ...(opened ? { popup_id: id } : { return_to: String(returnTo) }),
  });
  const { authorize_url: url } = (await started.catch((error: unknown) => {
    opened?.close();
    if (!opened && error instanceof GatehouseError && error.code === 'variable_required')
      return askingPage(error, wish, returnTo);
    throw error;
  })) as { authorize_url: string };
  if (!opened) {
    remember(provider);
    location.assign(url);
    return new Promise(() => undefined);
  }
  if (!opened.closed) opened.location.replace(url);
  return finished(provider, opened, id);
}

/** The page of Gatehouse that asks for what the provider needs to know, and goes on from there. */
function askingPage(
  error: GatehouseError,
  wish: Record<string, string>,
  returnTo: string | URL,
): { authorize_url: string } {
  if (error.connectUrl === undefined) throw error;
  const query = new URLSearchParams({ ...wish, return_to: String(returnTo) });
  return { authorize_url: `${error.connectUrl}?${query.toString()}` };
}

async function finished(provider: string, opened: Window, id: string): Promise<Connection> {
  const outcome = await outcomeOf(opened, id);
  if (!outcome)
    throw new GatehouseError({
      code: 'popup_closed',
      detail: 'The window closed before the person finished.',
      provider,
    });
  if (outcome.error !== null)
    throw new GatehouseError({
      code: outcome.error,
      status: outcome.status ?? 0,
      provider,
      request_id: outcome.request_id ?? undefined,
    });
  await announceChange();
  const connection = (await session()).connections.find((each) => each.provider === provider);
  if (connection) return connection;
  throw new GatehouseError({ code: 'unexpected_answer', provider });
}

/** Disconnects: revokes at the provider, forgets at Gatehouse. Succeeds, too, where nothing was connected. */
export async function disconnect(provider: string): Promise<Disconnected> {
  const result = (await call('DELETE', `api/connections/${checkedProvider(provider)}`)) as Disconnected;
  await announceChange();
  return result;
}

/** Ends the session and every connection in it. */
export async function logout(): Promise<{ revocations: readonly Disconnected[] }> {
  const result = (await call('POST', 'logout')) as { revocations: readonly Disconnected[] };
  await announceChange();
  return result;
}

const key = 'gatehouse-started';

function remember(provider: string): void {
  try {
    sessionStorage.setItem(key, provider);
  } catch {
    // Storage is switched off: the outcome will not say which provider it belongs to.
  }
}

function readOutcome(): Outcome | undefined {
  const query = new URLSearchParams(location.search);
  const [connected, error] = [query.get('connected'), query.get('connect_error')];
  if (connected === null && error === null) return undefined;
  let provider = connected ?? undefined;
  try {
    provider ??= sessionStorage.getItem(key) ?? undefined;
    sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
  return { provider, error: error ?? undefined, requestId: query.get('request_id') ?? undefined };
}

const arrived = readOutcome();
if (arrived) void announceChange();

/** How the connect by redirect ended that led to this page; undefined when none did. */
export function outcome(): Outcome | undefined {
  return arrived;
}
