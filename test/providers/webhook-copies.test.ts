import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { clientEnvironment } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { Answer } from '../world/answer.js';
import { send } from '../world/transport.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

const secret = 'wh-secret-of-the-test';
let operator: Upstream;

beforeAll(async () => {
  operator = await startUpstream();
});
beforeEach(() => operator.reset());
afterAll(() => operator.close());

const environment = () => ({
  ...clientEnvironment('request-finance', 'a', 'b'),
  REQUEST_FINANCE_WEBHOOK_SECRET: secret,
  REQUEST_FINANCE_WEBHOOK_FORWARD_URL: `${operator.origin}/events`,
});
const newEvent = () => JSON.stringify({ event: 'paid', nonce: randomBytes(8).toString('hex') });

function deliver(at: { port: number }, body: string): Promise<Answer> {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const url = new URL(`http://127.0.0.1:${at.port}/webhooks/request-finance`);
  const headers = { 'content-type': 'application/json', 'x-webhook-signature': signature };
  return send({ method: 'POST', url, headers, body });
}

/** The operator answers this status, to no request before `now` is called. */
function answerLater(status: number): () => void {
  let now = (): void => undefined;
  const wait = new Promise<void>((resolve) => (now = resolve));
  operator.answer('/events', { status, wait });
  return now;
}
const statuses = (answers: Answer[]) => answers.map(({ status }) => status).sort();
const forwards = () => new Set(operator.requests.map(({ headers }) => headers['x-request-id'])).size;

describe('a copy of an event whose first one is still being passed on', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp(environment());
  });
  afterAll(() => app.close());

  test('is not taken as delivered when the operator refuses in the end', async () => {
    const answerNow = answerLater(404);
    const body = newEvent();
    const begun = operator.nextRequest();
    const first = deliver(app, body);
    await begun;
    const copy = deliver(app, body);
    await send({ method: 'GET', url: new URL(`http://127.0.0.1:${app.port}/livez`), headers: {} });
    answerNow();
    expect(statuses(await Promise.all([first, copy]))).toEqual([502, 502]);

    operator.answer('/events', { status: 200 });
    expect(statuses([await deliver(app, body), await deliver(app, body)])).toEqual([200, 200]);
  });

  test('shares the outcome with as many others as may wait; further ones are to come again', async () => {
    const answerNow = answerLater(200);
    const body = newEvent();
    let refusals = 0;
    const copies = Array.from({ length: 20 }, async () => {
      const answer = await deliver(app, body);
      if (answer.status === 503 && ++refusals === 3) answerNow();
      return answer;
    });
    const answers = await Promise.all(copies);
    expect(statuses(answers)).toEqual([...Array<number>(17).fill(200), 503, 503, 503]);
    expect(forwards()).toBe(1);
    expect((await deliver(app, body)).status).toBe(200);
    expect(forwards()).toBe(1);
  });
});

describe('an address that takes its time', () => {
  /** The answer comes after so many milliseconds; how many requests were open at the same time. */
  function answerSlowly(ms: number): () => number {
    let [open, most] = [0, 0];
    operator.answer('/events', async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, ms));
      open -= 1;
      return { status: 200 };
    });
    return () => most;
  }

  test('for longer than a provider waits is asked once, and the event counts', async () => {
    const app = await startApp(environment());
    const mostOpen = answerSlowly(4_500);
    try {
      const body = newEvent();
      expect((await deliver(app, body)).status).toBe(200);
      expect((await deliver(app, body)).status).toBe(200);
      expect([operator.requests.length, mostOpen()]).toEqual([1, 1]);
    } finally {
      await app.close();
    }
  }, 20_000);

  test('for longer than the answer to the provider: its next copy finds that the event was taken', async () => {
    const app = await startApp(environment());
    const mostOpen = answerSlowly(14_000);
    try {
      const body = newEvent();
      const first = await deliver(app, body);
      expect([first.status, first.headers['retry-after']]).toEqual([503, '3']);
      let copy = await deliver(app, body);
      while (copy.status === 503) copy = await deliver(app, body);
      expect(copy.status).toBe(200);
      expect([operator.requests.length, mostOpen()]).toEqual([1, 1]);
    } finally {
      await app.close();
    }
  }, 40_000);

  test('for longer than the operator allows is not asked again beside that', async () => {
    const app = await startApp({ ...environment(), REQUEST_FINANCE_WEBHOOK_FORWARD_TIMEOUT: '1' });
    answerSlowly(3_000);
    try {
      const late = await deliver(app, newEvent());
      expect([late.status, (JSON.parse(late.text) as { code: string }).code]).toEqual([504, 'upstream_timeout']);
      expect(operator.requests).toHaveLength(1);
    } finally {
      await app.close();
    }
  }, 20_000);
});

describe('with two processes', () => {
  let redis: RedisServer;
  let one: ServerProcess;
  let other: ServerProcess;

  beforeAll(async () => {
    redis = await startRedis();
    const { SESSION_SECRET = '', ENCRYPTION_KEYS = '' } = await testEnvironment();
    const timeout = { REQUEST_FINANCE_WEBHOOK_FORWARD_TIMEOUT: '4' };
    const env = { ...environment(), ...timeout, REDIS_URL: redis.url, SESSION_SECRET, ENCRYPTION_KEYS };
    [one, other] = await Promise.all([startProcess(env), startProcess(env)]);
  }, 60_000);
  afterAll(async () => {
    for (const { child } of [one, other]) child.kill('SIGKILL');
    await redis.stop();
  });

  /** The event is with the operator, who does not answer. */
  async function begin(body: string): Promise<{ first: Promise<Answer | undefined> | undefined }> {
    let first: Promise<Answer | undefined> | undefined;
    await new Promise<void>((whole) => {
      operator.answer('/events', () => {
        whole();
        return { instead: 'hang' };
      });
      first = deliver(one, body).catch(() => undefined);
    });
    return { first };
  }

  test('a copy at the other one is to come again later, and is not passed on beside the first', async () => {
    const body = newEvent();
    const { first } = await begin(body);
    const copy = await deliver(other, body);
    expect([copy.status, copy.headers['retry-after'], JSON.parse(copy.text)]).toEqual([
      503,
      '3',
      expect.objectContaining({ code: 'store_unavailable' }),
    ]);
    expect(forwards()).toBe(1);

    // The address may still be at work on the first one: nothing is sent beside it before its time is over.
    operator.answer('/events', { status: 200 });
    expect((await first)?.status).toBe(504);
    expect(operator.requests).toHaveLength(1);
    expect((await deliver(other, body)).status).toBe(200);
    expect(forwards()).toBe(2);
  }, 30_000);

  test('a process that slept for longer than its claim does not send the event again', async () => {
    const body = newEvent();
    const { first } = await begin(body);
    one.child.kill('SIGSTOP');
    operator.answer('/events', { status: 200 });
    let copy = await deliver(other, body);
    expect(copy.status).toBe(503);
    while (copy.status === 503) copy = await deliver(other, body);
    expect(copy.status).toBe(200);
    one.child.kill('SIGCONT');
    expect([503, 504]).toContain((await first)?.status);
    expect(operator.requests).toHaveLength(2);
    expect((await deliver(one, body)).status).toBe(200);
    expect(operator.requests).toHaveLength(2);
  }, 30_000);

  test('an event whose process was killed is passed on by the next copy', async () => {
    const body = newEvent();
    await begin(body);
    one.child.kill('SIGKILL');
    operator.answer('/events', { status: 200 });
    expect((await deliver(other, body)).status).toBe(200);
    expect(forwards()).toBe(2);
  }, 30_000);
});
