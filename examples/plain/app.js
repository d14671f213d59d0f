/** @import { Session } from '../../src/client/types.js' */

/** @type {HTMLMetaElement | null} */
const meta = document.querySelector('meta[name=gatehouse]');
/** @type {import('../../src/client/gatehouse.js')} */
const gatehouse = await import(`${meta?.content}/gatehouse.js`);
const { GatehouseError, onChange, session } = gatehouse;

const table = /** @type {HTMLTableElement} */ (document.querySelector('table'));
const message = /** @type {HTMLElement} */ (document.querySelector('#message'));

/** @param {{ number: string, status: string, total: number, currency: string }} invoice */
function row({ number, status, total, currency }) {
  const tr = document.createElement('tr');
  for (const text of [number, status, `${total} ${currency.toUpperCase()}`]) tr.insertCell().textContent = text;
  return tr;
}

/**
 * Shows the invoices while Invoiced is connected, and nothing while it is not.
 * @param {Session} session
 */
async function show({ connections }) {
  const invoiced = connections.find(({ provider }) => provider === 'invoiced');
  message.textContent = '';
  table.hidden = true;
  if (invoiced?.status !== 'connected') return;
  try {
    const answer = await gatehouse.fetch('invoiced', '/invoices?per_page=10');
    if (!answer.ok) throw new Error(`Invoiced answered ${answer.status}`);
    table.tBodies[0]?.replaceChildren(...(await answer.json()).map(row));
    table.hidden = false;
  } catch (error) {
    const { message: text } = /** @type {Error} */ (error);
    message.textContent = error instanceof GatehouseError ? `${text} (${error.code})` : text;
  }
}

onChange(show);
await show(await session());
