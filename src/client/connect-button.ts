import { textsFor, type Action } from './button-texts.js';
import { applyStyle } from './button-style.js';
import { onChange } from './changes.js';
import { added, connect, disconnect, outcome, startedFor } from './connect.js';
import { GatehouseError } from './gatehouse-error.js';
import { addressOf, session } from './requests.js';
import type { Connection, Session } from './types.js';

const actions: Record<Connection['status'], Action> = {
  not_connected: 'connect',
  reauth_required: 'connect',
  scope_missing: 'reconsent',
  confirmation_required: 'confirm',
  organization_required: 'choose',
  connected: 'none',
  expiring: 'connect',
  provider_unavailable: 'none',
};

/**
 * `<connect-button provider="acme">`. Attributes: `popup`, `return-to`, `parameters` (JSON), `disconnect` (a connected
 * button disconnects), `connection` (the id of the one that it is for), `add` (connects another account each time). With
 * neither it is for the only connection, and of several for the first that needs the person. It sets `status` and `state` (ready, busy, done) on itself, and dispatches `connected`, `refused`,
 * `closed`, `blocked`, `disconnected` and `failed`, which bubble and carry a connection or a GatehouseError as detail.
 */
export class ConnectButton extends HTMLElement {
  static readonly observedAttributes: string[] = ['provider', 'connection', 'add', 'disconnect'];
  readonly #button = document.createElement('button');
  readonly #label = document.createElement('slot');
  readonly #message = document.createElement('span');
  #connection: Connection | undefined;
  /** Its provider has more than one. */
  #several = false;
  #known = false;
  #busy = false;
  #blocked = false;
  #turn = 0;
  #stop: (() => void) | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    this.#button.type = 'button';
    this.#button.part.add('button');
    this.#message.id = 'message';
    this.#message.part.add('message');
    this.#message.setAttribute('role', 'status');
    this.#button.setAttribute('aria-describedby', 'message');
    this.#button.append(this.#label);
    // On the host: its own click() counts, and a click on the message, which is about the button.
    this.addEventListener('click', () => void this.#press());
    root.append(this.#button, this.#message);
    applyStyle(root);
  }

  connectedCallback(): void {
    this.#stop ??= onChange((now) => this.#update(now));
    addEventListener('pageshow', this.#restored);
    this.#render();
    this.#look((now) => this.#arrive(now));
  }

  disconnectedCallback(): void {
    this.#stop?.();
    this.#stop = undefined;
    removeEventListener('pageshow', this.#restored);
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (['provider', 'connection'].includes(name) && before !== null && before !== now) {
      this.#turn += 1;
      [this.#busy, this.#known, this.#connection] = [false, false, undefined];
      this.#message.textContent = '';
    }
    if (this.isConnected) this.#look((latest) => this.#update(latest));
  }

  #look(then: (now: Session) => void): void {
    session().then(then, (error: unknown) => this.#say('failed', error));
  }

  get #provider(): string {
    return this.getAttribute('provider') ?? '';
  }

  get #action(): Action {
    const { status = 'not_connected', links } = this.#connection ?? {};
    if (this.#known && !links?.connect) return 'none';
    if (this.hasAttribute('add')) return 'add';
    const done = status === 'connected' || status === 'provider_unavailable';
    return done && this.hasAttribute('disconnect') && !this.#isAny ? 'disconnect' : actions[status];
  }

  /** What this button starts, as `connect` remembers it. */
  get #target(): string {
    return this.getAttribute('connection') ?? (this.hasAttribute('add') ? added : '');
  }

  /** It stands for several: then it does nothing that is about one of them. */
  get #isAny(): boolean {
    return this.#several && !this.hasAttribute('connection');
  }

  /** The id of the one that it reconnects, where that has to be said. */
  get #reconnected(): string | undefined {
    return this.#several ? (this.#connection?.id ?? undefined) : (this.getAttribute('connection') ?? undefined);
  }

  /** What names its connection in a path. */
  get #key(): string {
    return this.#several && this.#connection?.id ? this.#connection.id : this.#provider;
  }

  /** A page that left by redirect and was brought back from the browser's memory. */
  readonly #restored = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    this.#busy = false;
    this.#look((now) => this.#update(now));
  };

  /** The first look; the page may be where a connect by redirect came back to. */
  #arrive(now: Session): void {
    const arrived = outcome();
    this.#update(now);
    const isMine = arrived?.provider === this.#provider && (startedFor ?? this.#target) === this.#target;
    if (!arrived || !isMine || announced.has(this.#provider)) return;
    announced.add(this.#provider);
    const made = now.connections.find(({ id }) => id !== null && id === arrived.connection) ?? this.#connection;
    if (arrived.error !== undefined)
      this.#fail(new GatehouseError({ code: arrived.error, provider: this.#provider, request_id: arrived.requestId }));
    else if (made?.status === 'connected') this.#tell('connected', made);
  }

  #update({ connections }: Session): void {
    const before = this.#connection;
    const there = connections.filter(({ provider }) => provider === this.#provider);
    const id = this.getAttribute('connection');
    this.#known = true;
    this.#several = there.length > 1;
    this.#connection =
      id === null
        ? (there.find(({ status }) => actions[status] !== 'none') ?? there[0])
        : there.find((each) => each.id === id);
    const after = there.length > 1 ? there.find((each) => each.id === before?.id) : this.#connection;
    if (before && after?.status !== before.status) this.#message.textContent = '';
    this.#render();
    // In another tab, or in a window that had been given up.
    const isNew = before && before.status !== 'connected' && after?.status === 'connected';
    if (!this.#busy && isNew && !this.hasAttribute('add')) this.#tell('connected', after);
  }

  #render(): void {
    const action = this.#action;
    const adds = action === 'add';
    const status = adds ? 'not_connected' : (this.#connection?.status ?? (this.#known ? 'unknown' : 'not_connected'));
    const { name: provider = this.#provider, label } = this.#connection ?? {};
    const isOne = !adds && this.#several && label && (action !== 'none' || !this.#isAny);
    const name = isOne ? `${provider} (${label})` : provider;
    const idle = action === 'none' || (this.#busy && !this.hasAttribute('popup'));
    this.#label.name = (adds || action === 'connect') && status === 'not_connected' && this.#hasText() ? '' : status;
    this.#label.textContent = textsFor(this).label(status, action, name);
    for (const [name, on] of [
      ['aria-busy', this.#busy],
      ['aria-disabled', idle],
    ] as const)
      if (on) this.#button.setAttribute(name, 'true');
      else this.#button.removeAttribute(name);
    this.setAttribute('status', this.#known ? status : 'loading');
    this.setAttribute('state', this.#busy ? 'busy' : status === 'connected' ? 'done' : 'ready');
  }

  /** Whether there is text of its own: white space between the tags is none, and would leave the button empty. */
  #hasText(): boolean {
    return [...this.childNodes].some((node) =>
      node instanceof Element ? node.slot === '' : node instanceof Text && node.data.trim() !== '',
    );
  }

  async #press(): Promise<void> {
    if (this.#button.hasAttribute('aria-disabled')) return;
    const turn = ++this.#turn;
    const action = this.#action;
    const provider = this.#provider;
    this.#busy = true;
    this.#message.textContent = '';
    this.#render();
    try {
      if (action === 'confirm') location.assign(addressOf(`connect/${provider}/confirm`));
      else if (action === 'choose') location.assign(addressOf(`connections/${this.#key}`));
      else if (action === 'disconnect') {
        const result = await disconnect(this.#key);
        if (turn === this.#turn) this.#end('disconnected', result);
      } else {
        const connection = await connect(provider, {
          popup: this.hasAttribute('popup') && !this.#blocked,
          returnTo: this.getAttribute('return-to') ?? location.href,
          parameters: JSON.parse(this.getAttribute('parameters') ?? '{}') as Record<string, string>,
          reconsent: action === 'reconsent',
          add: action === 'add',
          connection: action === 'add' ? undefined : this.#reconnected,
        });
        if (turn === this.#turn) this.#end('connected', connection);
      }
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const code = error instanceof GatehouseError ? error.code : '';
    this.#blocked = code === 'popup_blocked';
    this.#busy = false;
    this.#render();
    if (this.#blocked) this.#say('blocked', error);
    else if (code === 'popup_closed') this.#say('closed', error);
    else this.#say(code === 'access_denied' ? 'refused' : 'failed', error);
  }

  #end(event: string, detail: unknown): void {
    this.#busy = false;
    this.#render();
    this.#tell(event, detail);
  }

  #say(event: 'blocked' | 'closed' | 'refused' | 'failed', error: unknown): void {
    const texts = textsFor(this);
    const code = error instanceof GatehouseError ? error.code : 'network';
    this.#message.textContent = event === 'failed' ? texts.failed(code) : texts[event];
    this.#tell(event, error);
  }

  #tell(event: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(event, { detail, bubbles: true, composed: true }));
  }
}

/** Providers whose outcome was told; a page may hold several buttons of one. */
const announced = new Set<string>();

declare global {
  interface HTMLElementTagNameMap {
    'connect-button': ConnectButton;
  }
}

if (!customElements.get('connect-button')) customElements.define('connect-button', ConnectButton);
