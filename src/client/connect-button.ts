import { textsFor, type Action } from './button-texts.js';
import { applyStyle } from './button-style.js';
import { onChange } from './changes.js';
import { connect, disconnect, outcome } from './connect.js';
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
 * button disconnects). It sets `status` and `state` (ready, busy, done) on itself, and dispatches `connected`, `refused`,
 * `closed`, `blocked`, `disconnected` and `failed`, which bubble and carry a connection or a GatehouseError as detail.
 */
export class ConnectButton extends HTMLElement {
  static readonly observedAttributes: string[] = ['provider', 'disconnect'];
  readonly #button = document.createElement('button');
  readonly #label = document.createElement('slot');
  readonly #message = document.createElement('span');
  #connection: Connection | undefined;
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
    if (name === 'provider' && before !== null && before !== now) {
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
    const done = status === 'connected' || status === 'provider_unavailable';
    return done && this.hasAttribute('disconnect') ? 'disconnect' : actions[status];
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
    if (arrived?.provider !== this.#provider || announced.has(this.#provider)) return;
    announced.add(this.#provider);
    if (arrived.error !== undefined)
      this.#fail(new GatehouseError({ code: arrived.error, provider: this.#provider, request_id: arrived.requestId }));
    else if (this.#connection?.status === 'connected') this.#tell('connected', this.#connection);
  }

  #update({ connections }: Session): void {
    const before = this.#connection?.status;
    this.#known = true;
    this.#connection = connections.find(({ provider }) => provider === this.#provider);
    const status = this.#connection?.status;
    if (before && status !== before) this.#message.textContent = '';
    this.#render();
    // In another tab, or in a window that had been given up.
    if (!this.#busy && before && before !== 'connected' && status === 'connected')
      this.#tell('connected', this.#connection);
  }

  #render(): void {
    const status = this.#connection?.status ?? (this.#known ? 'unknown' : 'not_connected');
    const action = this.#action;
    const name = this.#connection?.name ?? this.#provider;
    const idle = action === 'none' || (this.#busy && !this.hasAttribute('popup'));
    this.#label.name = action === 'connect' && status === 'not_connected' && this.#hasText() ? '' : status;
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
      else if (action === 'choose') location.assign(addressOf(`connections/${provider}`));
      else if (action === 'disconnect') {
        const result = await disconnect(provider);
        if (turn === this.#turn) this.#end('disconnected', result);
      } else {
        const connection = await connect(provider, {
          popup: this.hasAttribute('popup') && !this.#blocked,
          returnTo: this.getAttribute('return-to') ?? location.href,
          parameters: JSON.parse(this.getAttribute('parameters') ?? '{}') as Record<string, string>,
          reconsent: action === 'reconsent',
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
