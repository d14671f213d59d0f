/* Draws rows as a table element, in parts. Text goes in as text, never as markup. */

/** @import { Cell, Column } from '../types.js' */

/**
 * An empty table with its columns.
 * @param {readonly Column[]} columns
 * @param {string} caption
 */
export function drawTable(columns, caption) {
  const table = document.createElement('table');
  table.dataset.testid = 'rows';
  const title = table.createCaption();
  title.textContent = caption;
  title.className = 'visually-hidden';
  const head = table.createTHead().insertRow();
  for (const { label, number } of columns) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = label;
    if (number) cell.className = 'number';
    head.append(cell);
  }
  table.createTBody();
  return table;
}

/**
 * @param {HTMLTableElement} table
 * @param {readonly Cell[][]} rows
 */
export function addRows(table, rows) {
  const body = document.createDocumentFragment();
  for (const cells of rows) {
    const line = document.createElement('tr');
    for (const { text, number, title } of cells) {
      const cell = line.insertCell();
      cell.textContent = text;
      if (number) cell.className = 'number';
      else if (text === '–') cell.className = 'quiet';
      if (title !== undefined) cell.title = title;
    }
    body.append(line);
  }
  table.tBodies[0]?.append(body);
}
