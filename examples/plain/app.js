const gatehouse = await import(`${document.querySelector('meta[name=gatehouse]').content}/gatehouse.js`);
const { GatehouseError, onChange, session } = gatehouse;

const table = document.querySelector('table');
const message = document.querySelector('#message');

function row({ number, status, total, currency }) {
  const tr = document.createElement('tr');
  for (const text of [number, status, `${total} ${currency.toUpperCase()}`]) tr.insertCell().textContent = text;
  return tr;
}

/** Shows the invoices while Invoiced is connected, and nothing while it is not. */
async function show({ connections }) {
  const invoiced = connections.find(({ provider }) => provider === 'invoiced');
  message.textContent = '';
  table.hidden = true;
  if (invoiced?.status !== 'connected') return;
  try {
    const answer = await gatehouse.fetch('invoiced', '/invoices?per_page=10');
    if (!answer.ok) throw new Error(`Invoiced answered ${answer.status}`);
    table.tBodies[0].replaceChildren(...(await answer.json()).map(row));
    table.hidden = false;
  } catch (error) {
    message.textContent = error instanceof GatehouseError ? `${error.message} (${error.code})` : error.message;
  }
}

onChange(show);
await show(await session());
