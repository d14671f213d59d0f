import { providerIds } from '../provider-ids.js';
import { switchesOf } from '../switches.js';
import { html } from './html.js';
export function controlPage(state) {
    return {
        title: 'Sandbox control',
        wide: true,
        body: html `<h1>Sandbox control</h1>
      <p class="dim">Make the providers slow, broken or odd, and see how a connection takes it.</p>
      <h2>Clock: ${state.clock.now} (${state.clock.ahead_seconds} s ahead)</h2>
      <div class="buttons">
        ${advance(3600, 'One hour on')} ${advance(86_400, 'One day on')} ${advance(864_000, 'Ten days on')}
        <form method="post" action="/control/reset"><button type="submit">Reset</button></form>
      </div>
      <h2>Calls</h2>
      ${callsTable(state)}
      <h2>Providers</h2>
      ${providerIds.map((id) => providerSection(id, state.providers[id]))}`,
    };
}
function advance(seconds, label) {
    return html `<form method="post" action="/control/clock">
    <input type="hidden" name="advance_seconds" value="${seconds}" /><button type="submit">${label}</button>
  </form>`;
}
function callsTable({ providers }) {
    const kinds = ['discovery', 'authorize', 'token', 'refresh', 'revoke', 'api'];
    return html `<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Provider</th>
          ${kinds.map((kind) => html `<th scope="col">${kind}</th>`)}
          <th scope="col">grants</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(providers).map(([id, { calls, grants }]) => html `<tr>
              <th scope="row">${id}</th>
              ${kinds.map((kind) => html `<td>${calls[kind]}</td>`)}
              <td>${grants}</td>
            </tr>`)}
      </tbody>
    </table>
  </div>`;
}
function providerSection(id, state) {
    return html `<details>
    <summary>${id}</summary>
    <form method="post" action="/control/faults">
      <input type="hidden" name="provider" value="${id}" />
      <div class="grid">
        ${switchesOf(id).map(([name, definition]) => control(`${id}-${name}`, name, definition, state?.faults[name]))}
      </div>
      <div class="buttons"><button class="first" type="submit">Set</button></div>
    </form>
    <form method="post" action="/control/revoke">
      <input type="hidden" name="provider" value="${id}" />
      <div class="buttons"><button type="submit">End all grants</button></div>
    </form>
  </details>`;
}
function control(id, name, definition, value) {
    const label = html `<label for="${id}">${definition.label}</label>`;
    if (definition.kind === 'number')
        return html `<div>
      ${label}<input
        id="${id}"
        name="${name}"
        type="number"
        min="0"
        max="${definition.most}"
        value="${String(value)}"
      />
    </div>`;
    const values = definition.kind === 'flag' ? ['false', 'true'] : definition.values;
    return html `<div>
    ${label}<select id="${id}" name="${name}">
      ${values.map((one) => html `<option ${one === String(value) ? html `selected` : undefined}>${one}</option>`)}
    </select>
  </div>`;
}
