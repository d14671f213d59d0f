import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { startApp, type App } from '../world/app.js';
import { clientEnvironment } from '../world/providers-directory.js';
import { send } from '../world/transport.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

const [older, newer] = ['wh-secret-of-the-test-1', 'wh-secret-of-the-test-2'];
const signing = () => `whsec_${randomBytes(32).toString('base64')}`;
const [ours, oursBefore] = [signing(), signing()];
let operator: Upstream;
let app: App;

const environment = () => ({
  ...clientEnvironment('request-finance', 'a', 'b'),
  REQUEST_FINANCE_WEBHOOK_SECRET: `${newer}, ${older}`,
  REQUEST_FINANCE_WEBHOOK_FORWARD_URL: `${operator.origin}/events`,
});

beforeAll(async () => {
  operator = await startUpstream();
  app = await startApp({ ...environment(), REQUEST_FINANCE_WEBHOOK_FORWARD_SECRET: `${ours},${oursBefore}` });
});
beforeEach(() => {
  operator.reset();
  operator.answer('/events', { status: 200 });
});
afterAll(async () => {
  await app.close();
  await operator.close();
});

const newEvent = () => JSON.stringify({ event: 'payé', nonce: randomBytes(8).toString('hex') });
function deliver(body: string, secret: string, headers: Record<string, string> = {}) {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const url = new URL(`${app.url}/webhooks/request-finance`);
  return send({ method: 'POST', url, headers: { 'x-webhook-signature': signature, ...headers }, body });
}
const received = () => {
  const { headers, body } = operator.last;
  return { headers: headers as Record<string, string>, body: body.toString('utf8') };
};

test('what is passed on is signed by us, with each secret that is in force, and carries the signature of the provider', async () => {
  const event = newEvent();
  expect((await deliver(event, newer)).status).toBe(200);
  const { headers, body } = received();
  for (const secret of [ours, oursBefore]) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(event));
  expect(() => new Webhook(signing()).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(ours).verify(`${body} `, headers)).toThrow('No matching signature');
  expect(headers['webhook-id']).toBe(headers['x-gatehouse-event']);
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  expect(headers['x-webhook-signature']).toBe(createHmac('sha256', newer).update(event).digest('hex'));
});

test('a second attempt has the same id', async () => {
  operator.answer('/events', { status: 500 }, { times: 1 });
  expect((await deliver(newEvent(), newer)).status).toBe(200);
  const [first, second] = operator.requests;
  expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
  expect(operator.requests).toHaveLength(2);
});

test('what a caller says of our signature is not passed on', async () => {
  const forged = { 'webhook-id': 'forged', 'webhook-signature': 'v1,forged', 'webhook-timestamp': '1' };
  expect((await deliver(newEvent(), newer, forged)).status).toBe(200);
  expect(JSON.stringify(received().headers)).not.toContain('forged');
});

test('while the secret of the provider is changed both are believed, and no third one', async () => {
  expect((await deliver(newEvent(), newer)).status).toBe(200);
  expect((await deliver(newEvent(), older)).status).toBe(200);
  expect((await deliver(newEvent(), `${newer}, ${older}`)).status).toBe(401);
  expect((await deliver(newEvent(), '')).status).toBe(401);
});

test.each([
  ['REQUEST_FINANCE_WEBHOOK_FORWARD_SECRET', 'not-a-secret'],
  ['REQUEST_FINANCE_WEBHOOK_FORWARD_SECRET', `whsec_${randomBytes(8).toString('base64')}`],
  ['REQUEST_FINANCE_WEBHOOK_FORWARD_SECRET', `whsec_${randomBytes(65).toString('base64')}`],
  ['REQUEST_FINANCE_WEBHOOK_FORWARD_SECRET', `${signing()},`],
  ['REQUEST_FINANCE_WEBHOOK_FORWARD_TIMEOUT', '0'],
  ['REQUEST_FINANCE_WEBHOOK_FORWARD_TIMEOUT', '1.5'],
  ['REQUEST_FINANCE_WEBHOOK_SECRET', 'one-secret,'],
  ['REQUEST_FINANCE_WEBHOOK_SECRET', 'one-secret,another-one,a-third-one'],
])('%s=%s stops the start, and the value is not shown', async (name, value) => {
  const start = startApp({ ...environment(), [name]: value });
  await expect(start).rejects.toThrow(name);
  if (value.length > 4) await expect(start).rejects.not.toThrow(value);
});

test('a secret for what is passed on, without anything to pass on, stops the start', async () => {
  const clients = clientEnvironment('request-finance', 'a', 'b');
  const start = startApp({ ...clients, REQUEST_FINANCE_WEBHOOK_FORWARD_SECRET: ours });
  await expect(start).rejects.toThrow('REQUEST_FINANCE_WEBHOOK_SECRET');
});

test('no line of the log holds a secret or a signature', () => {
  const log = app.lines.join('\n');
  for (const word of [older, newer, ours, oursBefore, 'v1,', 'payé']) expect(log).not.toContain(word);
});
