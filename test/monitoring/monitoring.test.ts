import { beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { connectAndRead, firstCalls, newBrowser } from '../first-run/journeys.js';
import { startApp } from '../world/app.js';
import { freePort } from '../world/listen.js';
import { exposedLabels, usedIn } from '../metrics/exposition.js';

const folder = fileURLToPath(new URL('../../deploy/monitoring/', import.meta.url));
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');
const run = promisify(execFile);

interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
}
interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}
const alerts = (parse(read('alerts.yaml')) as Rules).groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

/** What Prometheus itself adds to every sample. */
const ofTheScrape = new Set(['instance', 'job']);
let scraped: string;

beforeAll(async () => {
  const app = await startApp({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()) });
  try {
    const browser = newBrowser(app.url);
    const invoiced = firstCalls.find(({ provider }) => provider === 'invoiced')!;
    await connectAndRead(browser, invoiced);
    await browser.api.post('/api/connections/invoiced/refresh');
    await browser.get('/proxy/invoiced/invoices');
    await browser.get('/proxy/nobody-knows-this/invoices');
    await browser.api.delete('/api/connections/invoiced');
    await connectAndRead(browser, invoiced);
    scraped = (await browser.get(`http://127.0.0.1:${app.metricsPort}/metrics`)).text;
  } finally {
    await app.close();
  }
}, 60_000);

test.each([...alerts.map(({ alert, expr }) => [alert, expr] as const), ...queries])(
  '%s asks only for what is exported',
  (_name, expression) => {
    const exposed = exposedLabels(scraped);
    const used = usedIn(expression);
    expect(used.length).toBeGreaterThan(0);
    for (const { metric, labels } of used) {
      expect([...exposed.keys()]).toContain(metric);
      for (const label of labels) expect([...exposed.get(metric)!, ...ofTheScrape]).toContain(label);
    }
  },
);

test('a wrong metric or label would be noticed', () => {
  expect(usedIn('sum by (colour) (rate(gatehouse_x_total{a="b",c=~"d{2}"}[5m])) / other_y > 1')).toEqual([
    { metric: 'gatehouse_x_total', labels: ['a', 'c', 'colour'] },
    { metric: 'other_y', labels: ['colour'] },
  ]);
});

test('promtool takes the alert rules and they fire when they should', async () => {
  await run('promtool', ['check', 'rules', 'alerts.yaml'], { cwd: folder });
  await run('promtool', ['test', 'rules', 'alerts.test.yaml'], { cwd: folder });
});

test('every query of the dashboard is PromQL', async () => {
  const rules = queries.map(([, expr]) => ({
    record: 'gatehouse:query',
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$provider', '.*'),
  }));
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-queries-'));
  try {
    // Each in a group of its own: a rule that comes twice in one is refused.
    const groups = rules.map((rule, at) => ({ name: `query ${at}`, rules: [rule] }));
    writeFileSync(join(directory, 'rules.json'), JSON.stringify({ groups }));
    const { stdout } = await run('promtool', ['check', 'rules', '--lint=none', 'rules.json'], { cwd: directory });
    expect(stdout).toContain(`${rules.length} rules found`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('an unknown provider never becomes a label', () => {
  expect(scraped).not.toContain('nobody-knows-this');
  expect(scraped).toContain('gatehouse_proxied_calls_total{provider="none",source="gatehouse",status_class="4xx"} 1');
});

test('connections in use are told by provider, status and time left', () => {
  expect(scraped).toContain('gatehouse_connections{provider="invoiced",status="connected"} 1');
  expect(scraped).toMatch(/gatehouse_connections_ending\{provider="invoiced",within="\w+",refreshable="yes"\} 1/);
});

test('every metric of ours and every alert is in docs/operations.md, and nothing else', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8');
  const types = [...scraped.matchAll(/^# TYPE (gatehouse_\w+) (\w+)$/gm)].map(
    ([, name = '', type = '']) => `${name} ${type}`,
  );
  const rows = [...page.matchAll(/^\| `(gatehouse_\w+)` *\| (\w+)/gm)].map(
    ([, name = '', type = '']) => `${name} ${type}`,
  );
  expect(rows.sort()).toEqual(types.sort());
  const described = [...page.matchAll(/^\| `(Gatehouse\w+)`/gm)].map(([, name = '']) => name);
  expect(described.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
});
