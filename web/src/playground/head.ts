// The bar at the top: its name, and the menus.

import { html, nothing, type TemplateResult } from "lit";
import { downloadMenu } from "./menus/download.js";
import { examplesMenu } from "./menus/examples.js";
import type { Playground } from "./playground.js";
import type { Scheme } from "./scheme.js";
import { shareMenu } from "./menus/share.js";

const SCHEMES: Record<Scheme, { sign: string; words: string }> = {
  system: { sign: "◐", words: "as the system" },
  light: { sign: "☀", words: "light" },
  dark: { sign: "☾", words: "dark" },
};

/** The bar. */
export function head(page: Playground): TemplateResult {
  const { sign, words } = SCHEMES[page.scheme];
  return html`
    <header>
      <h1><img src="icon.svg" alt="" width="28" height="28" />foreshift</h1>
      <p class="claim">what a canary rollout over Istio will do, before anybody does it</p>
      <nav aria-label="Page">
        ${examplesMenu(page)} ${shareMenu(page)} ${downloadMenu(page)}
        <button class="scheme" @click=${() => page.chooseScheme()} aria-label="Colours: ${words}" title="Colours: ${words}">
          <span aria-hidden="true">${sign}</span>
        </button>
      </nav>
      ${page.newVersion ? html`<button class="update" @click=${page.newVersion}>A newer version is ready: reload</button>` : nothing}
    </header>
    <nav class="jump" aria-label="Parts of the page">
      <a href="#plan" @click=${jump}>Plan</a>
      <a href="#inputs" @click=${jump}>Inputs</a>
      <a href="#findings" @click=${jump}>Findings</a>
    </nav>
  `;
}

/** Scrolls without touching the address: a link to a rollout may stand in it. */
function jump(event: MouseEvent): void {
  event.preventDefault();
  const id = (event.currentTarget as HTMLAnchorElement).hash.slice(1);
  const part = document.getElementById(id);
  if (part) {
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
    part.scrollIntoView();
  }
}
