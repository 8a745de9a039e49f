// One line about what was just done, and the way to undo it.

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";

/** Something to do about a notice. */
export interface Remedy {
  label: string;
  run: () => void;
}

/** The newest notice of the page; it stays until something else happens. */
export class Notice implements ReactiveController {
  #text = "";
  #remedy: Remedy | undefined;
  #isWarning = false;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Says what was done. */
  say(text: string, remedy?: Remedy): void {
    this.#put(text, remedy, false);
  }

  /** Says what could not be done. */
  warn(text: string): void {
    this.#put(text, undefined, true);
  }

  clear(): void {
    this.#put("", undefined, false);
  }

  view(): TemplateResult {
    const remedy = this.#remedy;
    return html`
      <div class="notice" ?data-warning=${this.#isWarning} ?hidden=${!this.#text}>
        <span role=${this.#isWarning ? "alert" : "status"}>${this.#text}</span>
        ${remedy ? html`<button @click=${remedy.run}>${remedy.label}</button>` : ""}
        <button class="quiet" @click=${() => this.clear()} aria-label="Close this message">✕</button>
      </div>
    `;
  }

  #put(text: string, remedy: Remedy | undefined, isWarning: boolean): void {
    this.#text = text;
    this.#remedy = remedy;
    this.#isWarning = isWarning;
    this.host.requestUpdate();
  }
}
