// The examples: cases of the tests, loaded when the menu is opened.

import { html, type TemplateResult } from "lit";
import { others } from "../draft.js";
import type { Playground } from "../playground.js";
import { closed } from "./closed.js";

type Example = Pick<(typeof import("virtual:examples").default)[number], "group" | "title" | "request">;

const BEFORE = ["", " before it"];

/** What the menu offers, as it was when the menu was opened last. */
let offered: Example[] | undefined;
let isFailed = false;

/** The menu; an example replaces what is there, and can be undone. */
export function examplesMenu(page: Playground): TemplateResult {
  return html`
    <details class="menu" name="menu" @toggle=${(event: Event) => toggled(page, event)}>
      <summary>Examples</summary>
      <div class="sheet">${offered ? groups(page, offered) : isFailed ? failed() : "…"}</div>
    </details>
  `;
}

function groups(page: Playground, all: Example[]): TemplateResult[] {
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

function load(page: Playground, { title, request }: Example, event: Event): void {
  closed(event);
  page.load({ request }, `Opened “${title}”.`);
}

async function toggled(page: Playground, event: Event): Promise<void> {
  if (!(event.target as HTMLDetailsElement).open) {
    return;
  }
  try {
    const { default: examples } = await import("virtual:examples");
    const drafts = others().map((request, at) => ({ group: "Written here", title: `Your draft${BEFORE[at] ?? `, ${at} before it`}`, request }));
    offered = [...drafts, ...examples];
  } catch {
    isFailed = true;
  }
  page.requestUpdate();
}

function failed(): TemplateResult {
  return html`<p>The examples could not be loaded. Open the menu again to try once more.</p>`;
}
