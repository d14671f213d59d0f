import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeAll, rawClient } from './harness.js';
import { bearerOf, json, startRawWorld, type RawPerson, type RawWorld, type ReachedRequest } from './raw-world.js';
import { seenAnswers } from './seen-answers.js';

const smuggled = 'GET /v1/smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
const stolen = json('"stolen"');

/** Who asked for what: so much of an answer is enough to know whose it is. */
function ticketOf(request: ReachedRequest): string {
  return JSON.stringify([bearerOf(request), request.line.split(' ')[1]]);
}

/** Ways in which an API answers, or fails to. */
const manners: Record<string, (request: ReachedRequest, ticket: string) => string> = {
  sized: (_, ticket) => json(ticket),
  chunked: (_, ticket) =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${ticket.length.toString(16)}\r\n${ticket}\r\n0\r\n\r\n`,
  closing: ({ socket }, ticket) => {
    socket.end(json(ticket).replace('OK\r\n', 'OK\r\nConnection: close\r\n'));
    return '';
  },
  refused: (_, ticket) => json(ticket).replace('200 OK', '404 Not Found'),
  interim: (_, ticket) => `HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${json(ticket)}`,
  followed: (_, ticket) => json(ticket) + stolen,
  cut: ({ socket }, ticket) => {
    socket.end(json(ticket).slice(0, -5));
    return '';
  },
  reset: ({ socket }, ticket) => {
    socket.write(json(ticket).slice(0, -5), () => socket.resetAndDestroy());
    return '';
  },
  silent: ({ socket }) => {
    socket.destroy();
    return '';
  },
  nonsense: () => 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nwrong',
};
const names = [...Object.keys(manners), 'sized', 'sized', 'chunked', 'chunked', 'followed', 'interim'];

let world: RawWorld;
let people: RawPerson[];
beforeAll(async () => {
  world = await startRawWorld((request) => {
    const manner = /manner=(\w+)/.exec(request.line)?.[1] ?? '';
    return manners[manner]?.(request, ticketOf(request));
  });
  people = [];
  for (let count = 0; count < 5; count += 1) people.push(await world.person());
});
afterAll(async () => {
  await closeAll();
  await world.close();
});

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

interface Asked {
  bytes: string;
  ticket: string;
}

function request(person: RawPerson, name: string, next: (below: number) => number): Asked {
  const target = `${name}?manner=${names[next(names.length)]!}`;
  const ticket = JSON.stringify([person.token, `/v1/${target}`]);
  const head = (method: string) => `${method} /proxy/acme/${target} HTTP/1.1\r\n${person.identity}`;
  const bodies = [
    () => `${head('GET')}\r\n`,
    () => `${head('POST')}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    () =>
      `${head('DELETE')}Transfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  ];
  return { bytes: bodies[next(bodies.length)]!(), ticket };
}

test('of many calls in one another’s way each gets its own answer, or none', async () => {
  const next = numbers(20_261);
  const rounds = Array.from({ length: 40 }, (_, round) => round);
  const counted = { own: 0, refused: 0, broken: 0 };
  const talk = async (round: number): Promise<void> => {
    const person = people[round % people.length]!;
    const asked = Array.from({ length: 12 }, (_, at) => request(person, `${round}-${at}`, next));
    const leaves = round % 5 === 4;
    const client = rawClient(world.port, asked.map(({ bytes }) => bytes).join(''));
    const last = `GET /proxy/acme/last HTTP/1.1\r\n${person.identity}Connection: close\r\n\r\n`;
    if (leaves) setImmediate(() => client.socket.destroy());
    else client.socket.write(last);
    const { text } = await client.closed;
    const answers = seenAnswers(text);
    for (const [at, answer] of answers.slice(0, asked.length).entries()) {
      if (answer.source === 'upstream_invalid_response' || answer.source === 'upstream_unreachable')
        counted.refused += 1;
      else if (answer.whole === true) {
        expect(answer.body).toBe(asked[at]!.ticket);
        counted.own += 1;
      } else {
        expect(answer.body).toBe(asked[at]!.ticket.slice(0, answer.body.length));
        expect(at).toBe(answers.length - 1);
        counted.broken += 1;
      }
    }
  };
  for (let from = 0; from < rounds.length; from += 8) await Promise.all(rounds.slice(from, from + 8).map(talk));
  expect(world.lines().filter((line) => line.includes('smuggled'))).toEqual([]);
  for (const reached of world.reached) {
    const owner = people[Number(/\/v1\/(\d+)-/.exec(reached.line)?.[1] ?? -1) % people.length];
    if (owner !== undefined) expect(bearerOf(reached)).toBe(owner.token);
  }
  expect(Object.values(counted).every((count) => count > 5)).toBe(true);
});
