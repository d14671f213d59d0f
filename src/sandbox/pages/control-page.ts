import type { ControlState, ProviderState } from '../control/control.js';
import type { ProviderId } from '../provider-ids.js';
import { startOf } from '../control/switch-definitions.js';
import { switchesOf } from '../control/switches.js';
import { switchControl } from './switch-control.js';
import { html, type Html } from './html.js';
import type { Page } from './page.js';

/** What the form before this page did, or why it did nothing. */
export interface Outcome {
  readonly text: string;
  readonly bad?: boolean;
  /** Its section is open. */
  readonly provider?: ProviderId | undefined;
}

export function controlPage(state: ControlState, outcome?: Outcome): Page {
  const home = homeOf(state);
  return {
    title: 'Sandbox control',
    wide: true,
    body: html`<h1>Sandbox control</h1>
      <p class="dim">Make the providers slow, broken or odd, and see how a connection takes it.</p>
      ${home === undefined ? undefined : html`<p><a href="${home}">Back to your connections</a></p>`}
      ${
        outcome &&
        html`<p class="outcome ${outcome.bad ? 'failed' : ''}" role="${outcome.bad ? 'alert' : 'status'}">
          ${outcome.text}
        </p>`
      }
      <h2>Clock</h2>
      <p>
        <strong>${state.clock.now.slice(0, 16).replace('T', ' ')} UTC</strong>
        <span class="dim">${aheadText(state.clock.ahead_seconds)}</span>
      </p>
      <div class="buttons">
        ${advance(3600, 'One hour on')} ${advance(86_400, 'One day on')} ${advance(864_000, 'Ten days on')}
        <form method="post" action="/control/reset"><button type="submit">Reset everything</button></form>
      </div>
      <h2>Providers</h2>
      ${Object.entries(state.providers).map(([id, each]) => providerSection(id, each, outcome?.provider === id))}
      <h2>Calls so far</h2>
      ${callsTable(state)}`,
  };
}

/** Where the client lives that the sandbox was set up for: its redirect URI tells. */
function homeOf({ providers }: ControlState): string | undefined {
  const uris = Object.values(providers).flatMap(({ clients }) => clients.flatMap((client) => client.redirect_uris));
  return uris.map((uri) => /^(https?:\/\/.+?\/)connect\/[a-z0-9-]+\/callback$/.exec(uri)?.[1]).find(Boolean);
}

function aheadText(seconds: number): string {
  if (seconds === 0) return 'as on this machine';
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600)];
  const parts = [days > 0 ? `${days} d` : '', hours > 0 ? `${hours} h` : '', days + hours === 0 ? `${seconds} s` : ''];
  return `${parts.filter((part) => part !== '').join(' ')} ahead of this machine`;
}

function advance(seconds: number, label: string): Html {
  return html`<form method="post" action="/control/clock">
    <input type="hidden" name="advance_seconds" value="${seconds}" /><button type="submit">${label}</button>
  </form>`;
}

function callsTable({ providers }: ControlState): Html {
  const kinds = ['discovery', 'authorize', 'token', 'refresh', 'revoke', 'api'] as const;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Calls so far">
    <table>
      <thead>
        <tr>
          <th scope="col">Provider</th>
          ${kinds.map((kind) => html`<th scope="col">${kind}</th>`)}
          <th scope="col">grants</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(providers).map(
          ([id, { calls, grants }]) =>
            html`<tr>
              <th scope="row">${id}</th>
              ${kinds.map((kind) => html`<td>${calls[kind]}</td>`)}
              <td>${grants}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function providerSection(id: ProviderId, state: ProviderState | undefined, open: boolean): Html {
  const switches = switchesOf(id);
  const moved = switches.filter(([name, definition]) => state && state.faults[name] !== startOf(definition, id)).length;
  const marker = moved === 0 ? undefined : html` <span class="moved">${moved} switched</span>`;
  return html`<details id="${id}" ${open ? html`open` : undefined}>
    <summary>${id}${marker}</summary>
    <form method="post" action="/control/faults">
      <input type="hidden" name="provider" value="${id}" />
      <div class="grid">
        ${switches.map(([name, definition]) => switchControl(id, name, definition, state?.faults[name]))}
      </div>
      <div class="buttons"><button class="first" type="submit">Set</button></div>
    </form>
    <form method="post" action="/control/revoke">
      <input type="hidden" name="provider" value="${id}" />
      <div class="buttons"><button type="submit">End all grants</button></div>
    </form>
  </details>`;
}
