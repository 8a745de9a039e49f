// One line about what was just done, and the way to undo it.

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { openTab } from "./inputs.js";

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

  /** Takes the notice away; with a text only that one. */
  clear(text = this.#text): void {
    if (text === this.#text) {
      this.#put("", undefined, false);
    }
  }

  view(): TemplateResult {
    const remedy = this.#remedy;
    // What is spoken has to be there before it has something to say.
    return html`
      <div class="notice" ?data-warning=${this.#isWarning} ?data-empty=${!this.#text}>
        <span role="status">${this.#isWarning ? "" : this.#text}</span>
        <span role="alert">${this.#isWarning ? this.#text : ""}</span>
        ${remedy ? html`<button @click=${remedy.run}>${remedy.label}</button>` : ""}
        <button class="quiet" ?hidden=${!this.#text} @click=${() => this.#close()} aria-label="Close this message">✕</button>
      </div>
    `;
  }

  /** The button is gone with it; the keyboard goes on at the texts. */
  #close(): void {
    this.clear();
    openTab()?.focus({ preventScroll: true });
  }

  #put(text: string, remedy: Remedy | undefined, isWarning: boolean): void {
    this.#text = text;
    this.#remedy = remedy;
    this.#isWarning = isWarning;
    this.host.requestUpdate();
  }
}
