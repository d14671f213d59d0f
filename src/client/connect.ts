import { announceChange } from './changes.js';
import { GatehouseError } from './gatehouse-error.js';
import { openPopup, outcomeOf } from './popup.js';
import { addressOf, call, checkedKey, checkedProvider, isConnectionId, session } from './requests.js';
import type { Connection, ConnectOptions, Disconnected, Outcome } from './types.js';

/**
 * Connects a provider: in a pop-up, answering the connection; or by leaving this page, and then it never answers. Throws
 * GatehouseError: popup_blocked, popup_closed, access_denied when the person refused, or what Gatehouse says.
 */
export async function connect(provider: string, options: ConnectOptions = {}): Promise<Connection> {
  const { popup = false, returnTo = location.href, parameters, reconsent = false, connection, add = false } = options;
  checkedProvider(provider);
  const opened = popup ? openPopup(provider) : undefined;
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
  const wish = {
    ...parameters,
    ...(reconsent ? { reconsent: '1' } : {}),
    ...(connection === undefined ? {} : { connection }),
    ...(add ? { as: 'new' } : {}),
  };
  const started = call('POST', `connect/${provider}`, {
    ...wish,
    ...(opened ? { popup_id: id } : { return_to: String(returnTo) }),
  });
  const { authorize_url: url } = (await started.catch((error: unknown) => {
    if (error instanceof GatehouseError && error.code === 'variable_required' && error.connectUrl !== undefined)
      return { authorize_url: askingPage(error.connectUrl, wish, opened ? popupAddress(provider, id) : returnTo) };
    opened?.close();
    throw error;
  })) as { authorize_url: string };
  if (!opened) {
    remember(provider, connection ?? (add ? added : ''));
    location.assign(url);
    return new Promise(() => undefined);
  }
  if (!opened.closed) opened.location.replace(url);
  return finished(provider, opened, id);
}

/** The page of Gatehouse that asks for what the provider needs to know, and goes on from there. */
function askingPage(connectUrl: string, wish: Record<string, string>, returnTo: string | URL): string {
  return `${connectUrl}?${new URLSearchParams({ ...wish, return_to: String(returnTo) }).toString()}`;
}

/** Where an attempt in a pop-up ends: the page of Gatehouse that tells this one. */
function popupAddress(provider: string, popup: string): string {
  return `${addressOf('popup')}?${new URLSearchParams({ popup, provider, origin: location.origin }).toString()}`;
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
  const { connections } = await session();
  const connection = connections.find((each) =>
    outcome.connection ? each.id === outcome.connection : each.provider === provider,
  );
  if (connection) return connection;
  throw new GatehouseError({ code: 'unexpected_answer', provider });
}

/** Disconnects: revokes at the provider, forgets at Gatehouse. Succeeds, too, where nothing is connected any more. */
export async function disconnect(key: string): Promise<Disconnected> {
  const result = (await call('DELETE', `api/connections/${checkedKey(key)}`).catch((error: unknown) => {
    const isGone = isConnectionId(key) && (error as Partial<GatehouseError>).code === 'unknown_connection';
    if (!isGone) throw error;
    return { provider: '', revocation: 'not_connected' };
  })) as Disconnected;
  await announceChange();
  return result;
}

/** Gives a connection the person's own name, 1 to 80 characters; null is the account's label again. */
export async function rename(key: string, label: string | null): Promise<Connection> {
  const result = (await call('PATCH', `api/connections/${checkedKey(key)}`, { label })) as Connection;
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

/** What a start was for that was to add a connection. */
export const added = 'new';

function remember(provider: string, target: string): void {
  try {
    sessionStorage.setItem(key, `${provider} ${target}`);
  } catch {
    // Storage is switched off: the outcome will not say which provider it belongs to.
  }
}

function readOutcome(): Outcome | undefined {
  const query = new URLSearchParams(location.search);
  const [connected, error] = [query.get('connected'), query.get('connect_error')];
  if (connected === null && error === null) return undefined;
  let [startedAt, target]: (string | undefined)[] = [];
  try {
    [startedAt, target] = sessionStorage.getItem(key)?.split(' ') ?? [];
    sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
  const provider = connected ?? startedAt;
  if (startedAt === provider) startedFor = target;
  return {
    provider,
    connection: (connected === null ? null : query.get('connection')) ?? undefined,
    error: error ?? undefined,
    requestId: query.get('request_id') ?? undefined,
  };
}

/** What the attempt was for that led to this page: a connection's id, `added`, or empty; undefined where that is not known. */
export let startedFor: string | undefined;
const arrived = readOutcome();
if (arrived) void announceChange();

/** How the connect by redirect ended that led to this page; undefined when none did. */
export function outcome(): Outcome | undefined {
  return arrived;
}
