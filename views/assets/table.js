/* Draws rows as a table element. Text goes in as text, never as markup. */
import { columnsOf, flatten, textOf } from './rows.js';

const maxRows = 50;
const maxLength = 40;

/** The table and how many rows it shows. */
export function drawTable(rows, caption) {
  const flat = rows.slice(0, maxRows).map(flatten);
  const columns = columnsOf(flat);
  const table = document.createElement('table');
  table.dataset.testid = 'rows';
  table.createCaption().textContent = caption;
  table.caption.className = 'visually-hidden';
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = column;
    if (flat.some((row) => typeof row[column] === 'number')) cell.className = 'number';
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of flat) {
    const line = body.insertRow();
    for (const column of columns) fill(line.insertCell(), row[column]);
  }
  return { table, shown: flat.length };
}

function fill(cell, value) {
  if (value === undefined || value === null || value === '') {
    cell.textContent = '–';
    cell.className = 'quiet';
    return;
  }
  const text = textOf(value);
  if (typeof value === 'number') cell.className = 'number';
  if (text.length > maxLength || text !== String(value)) cell.title = String(value);
  cell.textContent = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
