import { providerOfCell } from '../connections/cell.js';
import { connectionState, labelOf } from '../connections/status.js';
import { candidateKey, connectionKey, pauseKey, sessionKey } from '../store/keys.js';
import { UsageError, type ExitCode, type Surroundings } from './command.js';
import { asOperator, type Operator } from './operator.js';
import { nameOf } from './owner-list.js';
import { readArguments } from './read-arguments.js';
import { storedRecords } from './stored-records.js';
import { printable, table } from './table.js';

/** A session as an operator sees it. Times are seconds. */
export interface ListedSession {
  /** The browser id, under its public name. */
  tag: string;
  age: number;
  /** Since the session's id was last rotated: a connection was added, or an owner bound. */
  renewed: number;
  owner: string | null;
  /** Status by what names the connection in a path: its provider, or its id where the provider has several. */
  connections: Record<string, string>;
  held: readonly ListedConnection[];
}

export interface ListedConnection {
  id: string;
  provider: string;
  /** The person's name for it, else the account's label. */
  label: string | null;
  /** `unreadable` where no listed key opens it, `not_offered` where its provider is gone. */
  status: string;
}

/** Prints the sessions of the store. */
export async function listSessions(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values } = readArguments(args, {
    owner: { type: 'string' },
    provider: { type: 'string' },
    limit: { type: 'string', default: '1000' },
    json: { type: 'boolean' },
  });
  const { write, note, progress } = surroundings;
  const limit = /^[1-9]\d{0,6}$/.test(values.limit) ? Number(values.limit) : undefined;
  if (limit === undefined) throw new UsageError('--limit is a whole number from 1 up.');
  const listed: ListedSession[] = [];
  let more = 0;
  await asOperator(surroundings, async (operator) => {
    for await (const session of sessionsIn(operator, (keys) => progress(`Reading the store: ${keys} keys`))) {
      if (values.owner !== undefined && session.owner !== values.owner) continue;
      if (values.provider !== undefined && !session.held.some(({ provider }) => provider === values.provider)) continue;
      if (listed.length < limit) listed.push(session);
      else more += 1;
    }
  });
  progress('');
  listed.sort((one, other) => one.age - other.age);
  if (values.json === true) write(`${JSON.stringify({ sessions: listed, more }, null, 2)}\n`);
  else if (listed.length === 0) write('No session.\n');
  else
    write(
      table([
        ['TAG', 'AGE', 'RENEWED', 'OWNER', 'CONNECTIONS'],
        ...listed.map(({ tag, age, renewed, owner, held }) => [
          tag,
          duration(age),
          duration(renewed),
          owner === null ? '-' : printable(owner),
          held.map((connection) => `${connectionName(connection, held)}: ${connection.status}`).join(', ') || '-',
        ]),
      ]),
    );
  if (more > 0) note(`${more} more: choose with --owner or --provider, or see more with --limit.\n`);
  return 0;
}

/** Every session with its connections. The names of the keys are gathered first, since a session's may lie far apart. */
export async function* sessionsIn(
  operator: Operator,
  progress: (keys: number) => void = () => undefined,
): AsyncGenerator<ListedSession> {
  const connected = new Map<string, string[]>();
  const tags = new Set<string>();
  let count = 0;
  for await (const { browserId, kind, name } of storedRecords(operator.servers)) {
    count += 1;
    if (count % 1000 === 0) progress(count);
    if (kind === 'session') tags.add(browserId);
    else if (kind === 'connection') connected.set(browserId, [...(connected.get(browserId) ?? []), name]);
  }
  for (const browserId of tags) {
    const session = await read(operator, browserId, connected.get(browserId) ?? []);
    if (session) yield session;
  }
}

async function read(
  { store, sessions, connections, pauses, registry, configuration, now }: Operator,
  browserId: string,
  found: readonly string[],
): Promise<ListedSession | undefined> {
  const cells = [...new Set(found)].sort();
  const keys = cells.flatMap((cell) => [
    connectionKey(browserId, cell),
    candidateKey(browserId, cell),
    pauseKey(browserId, cell),
  ]);
  const [record, ...values] = await store.getMany([sessionKey(browserId), ...keys]);
  const session = record && sessions.look(browserId, record);
  if (!session) return undefined;
  const held = cells.flatMap((cell, index): ListedConnection[] => {
    const [sealed, candidate, pause] = values.slice(index * 3, index * 3 + 3);
    if (!sealed) return [];
    const stored = connections.open(connectionKey(browserId, cell), sealed);
    const { id, connection } = stored;
    const provider = registry.get(providerOfCell(cell));
    const situation = {
      stored,
      candidate: candidate !== undefined,
      pause: pauses.open(browserId, cell, pause),
      now: now(),
      basePath: configuration.basePath,
    };
    const status = stored.elsewhere
      ? 'reauth_required'
      : !connection
        ? 'unreadable'
        : !provider
          ? 'not_offered'
          : connectionState(provider, situation).status;
    return [{ id, provider: providerOfCell(cell), label: connection ? labelOf(connection) : null, status }];
  });
  const since = (ms: number) => Math.max(0, Math.floor((now() - ms) / 1000));
  return {
    tag: browserId,
    age: since(session.createdAt),
    renewed: since(session.rotatedAt),
    // With CONNECTIONS=owner the session names the slot, and the person in it the owner.
    owner: session.person ? nameOf(session.person.owner).name : (session.owner ?? null),
    connections: Object.fromEntries(held.map((each) => [keyOf(each, held), each.status])),
    held,
  };
}

function isOnly({ provider }: ListedConnection, held: readonly ListedConnection[]): boolean {
  return held.filter((each) => each.provider === provider).length === 1;
}

function keyOf(connection: ListedConnection, held: readonly ListedConnection[]): string {
  return isOnly(connection, held) ? connection.provider : connection.id;
}

/** The provider, and of several there the id and the label. */
function connectionName(connection: ListedConnection, held: readonly ListedConnection[]): string {
  const { provider, id, label } = connection;
  if (isOnly(connection, held)) return provider;
  return `${provider} ${id}${label === null ? '' : ` (${printable(label)})`}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
