/** @import { Session } from '../../src/client/types.js' */

/** @type {HTMLMetaElement | null} */
const meta = document.querySelector('meta[name=gatehouse]');
/** @type {import('../../src/client/gatehouse.js')} */
const gatehouse = await import(`${meta?.content}/gatehouse.js`);
const { GatehouseError, onChange, session } = gatehouse;

const table = /** @type {HTMLTableElement} */ (document.querySelector('table'));
const message = /** @type {HTMLElement} */ (document.querySelector('#message'));
const company = /** @type {HTMLElement} */ (document.querySelector('#company'));
const choice = /** @type {HTMLSelectElement} */ (company.querySelector('select'));
const button = /** @type {HTMLElement} */ (document.querySelector('connect-button[provider=invoiced]'));
const another = /** @type {HTMLElement} */ (document.querySelector('connect-button[add]'));

/** @param {{ number: string, status: string, total: number, currency: string }} invoice */
function row({ number, status, total, currency }) {
  const tr = document.createElement('tr');
  for (const text of [number, status, `${total} ${currency.toUpperCase()}`]) tr.insertCell().textContent = text;
  return tr;
}

/**
 * The company whose invoices are shown: of several the one that the person chose, which is also the one to disconnect.
 * @param {Session} session
 */
function chosenOf({ connections }) {
  const companies = connections.filter(({ provider, status }) => provider === 'invoiced' && status === 'connected');
  const chosen = companies.find(({ id }) => id === choice.value) ?? companies[0];
  choice.replaceChildren(
    ...companies.map(({ id, label }) => new Option(label ?? String(id), String(id), false, id === chosen?.id)),
  );
  company.hidden = companies.length < 2;
  another.hidden = companies.length === 0;
  if (companies.length > 1 && chosen?.id) button.setAttribute('connection', chosen.id);
  else button.removeAttribute('connection');
  return chosen;
}

/**
 * Shows the invoices while Invoiced is connected, and nothing while it is not.
 * @param {Session} now
 */
async function show(now) {
  const chosen = chosenOf(now);
  message.textContent = '';
  table.hidden = true;
  if (!chosen?.id) return;
  try {
    const answer = await gatehouse.fetch(chosen.id, '/invoices?per_page=10');
    if (!answer.ok) throw new Error(`Invoiced answered ${answer.status}`);
    table.tBodies[0]?.replaceChildren(...(await answer.json()).map(row));
    table.hidden = false;
  } catch (error) {
    const { message: text } = /** @type {Error} */ (error);
    message.textContent = error instanceof GatehouseError ? `${text} (${error.code})` : text;
  }
}

choice.addEventListener('change', async () => show(await session()));
onChange(show);
await show(await session());
