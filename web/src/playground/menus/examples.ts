// The examples: cases of the tests, loaded when the menu is opened.

import { html, type TemplateResult } from "lit";
import { others } from "../draft.js";
import type { Playground } from "../playground.js";
import { closed } from "./closed.js";

type Examples = typeof import("virtual:examples").default;

const BEFORE = ["", " before it"];

let loaded: Examples | undefined;
let isFailed = false;

/** The menu; an example replaces what is there, and can be undone. */
export function examplesMenu(page: Playground): TemplateResult {
  return html`
    <details class="menu" name="menu" @toggle=${(event: Event) => toggled(page, event)}>
      <summary>Examples</summary>
      <div class="sheet">${loaded ? groups(page, loaded) : isFailed ? failed() : "…"}</div>
    </details>
  `;
}

function groups(page: Playground, examples: Examples): TemplateResult[] {
  const drafts = others().map((request, at) => ({ group: "Written here", title: `Your draft${BEFORE[at] ?? `, ${at} before it`}`, request }));
  const all = [...drafts, ...examples];
  const names = [...new Set(all.map(({ group }) => group))];
  return names.map(
    (name) => html`
      <h2>${name}</h2>
      <ul>
        ${all
          .filter(({ group }) => group === name)
          .map((example) => html`<li><button @click=${(event: Event) => load(page, example, event)}>${example.title}</button></li>`)}
      </ul>
    `,
  );
}

function load(page: Playground, { title, request }: Pick<Examples[number], "title" | "request">, event: Event): void {
  closed(event);
  page.load({ request }, `Opened “${title}”.`);
}

async function toggled(page: Playground, event: Event): Promise<void> {
  if (!(event.target as HTMLDetailsElement).open) {
    return;
  }
  try {
    loaded ??= (await import("virtual:examples")).default;
  } catch {
    isFailed = true;
  }
  // The drafts are other ones each time.
  page.requestUpdate();
}

function failed(): TemplateResult {
  return html`<p>The examples could not be loaded. Open the menu again to try once more.</p>`;
}
