// The inputs: a tab for each text, one for what is known beside them, and the editor below.

import { html, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { countOf } from "./findings.js";
import { known } from "./known.js";
import type { Playground } from "./playground.js";
import { type Role, type Tab, withoutTab, withPath, withTab, withTabAgain, withText } from "./workspace.js";

/** The tab that holds no text. */
export const KNOWN = "known";

/** Which tab is open: a text by its id, or what is known. */
export type Shown = number | typeof KNOWN;

const ROLES: Record<Role, string> = {
  config: "deployment config",
  manifest: "manifests",
  current: "what runs now",
};

/** Tabs, the path of the open one, its text. */
export function inputs(page: Playground): TemplateResult {
  const { tabs } = page.workspace;
  const ends = tabs.map(end);
  const tab = tabs.find(({ id }) => id === page.shown);
  return html`
    <div class="tabs">
      <div role="tablist" aria-label="Texts" @keydown=${(event: KeyboardEvent) => step(page, event)}>
        ${tabs.map((tab) => tabButton(page, tab, ends.indexOf(end(tab)) === ends.lastIndexOf(end(tab))))} ${knownButton(page)}
      </div>
      <span class="add">
        <button @click=${() => add(page, "manifest")} title="Add a text with manifests">+ manifest</button>
        <button @click=${() => add(page, "current")} title="Add a text with what runs now, as kubectl get -o yaml prints it">
          + current
        </button>
      </span>
    </div>
    <div class="text" role="tabpanel" id="text" aria-labelledby="tab-${page.shown}">
      ${tab ? path(page, tab) : ""} ${page.shown === KNOWN ? known(page) : ""}
      <text-editor ?hidden=${page.shown === KNOWN} @change=${(event: CustomEvent) => typed(page, event)}></text-editor>
    </div>
  `;
}

/** A tab is called by the end of its path where no other one is. */
function tabButton(page: Playground, tab: Tab, isAlone: boolean): TemplateResult {
  const count = countOf(page.outcome.findings, tab);
  const isOpen = tab.id === page.shown;
  return html`
    <button
      role="tab"
      id="tab-${tab.id}"
      data-role=${tab.role}
      aria-selected=${isOpen}
      aria-controls="text"
      tabindex=${isOpen ? 0 : -1}
      title="${tab.path || "every manifest"}: ${ROLES[tab.role]}"
      @click=${() => open(page, tab.id)}
    >
      ${tab.role === "current" ? html`<span class="now">now</span>` : ""}${(isAlone ? end(tab) : tab.path) || "every manifest"}
      ${count > 0 ? html`<span class="count" aria-label="${count} findings">${count}</span>` : ""}
    </button>
  `;
}

function end({ path }: Tab): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function knownButton(page: Playground): TemplateResult {
  const { hashes, first, target } = page.workspace;
  const count = hashes.length + (first ? 1 : 0) + (target ? 1 : 0);
  const isOpen = page.shown === KNOWN;
  return html`
    <button
      role="tab"
      id="tab-known"
      aria-selected=${isOpen}
      aria-controls="text"
      tabindex=${isOpen ? 0 : -1}
      @click=${() => open(page, KNOWN)}
    >
      hashes ${count > 0 ? html`<span class="known-count">${count}</span>` : ""}
    </button>
  `;
}

/** The row that renames and removes a text. */
function path(page: Playground, tab: Tab): TemplateResult {
  const isLone = tab.path === "";
  return html`
    <div class="path">
      ${keyed(
        tab.id,
        html`<label
          >Path <input .value=${tab.path} spellcheck="false" autocapitalize="off" placeholder="none: stands for every manifest path"
            @change=${(event: Event) => rename(page, tab, event.target as HTMLInputElement)}
        /></label>`,
      )}
      <span class="role">${ROLES[tab.role]}</span>
      ${tab.role === "config" ? "" : html`<button @click=${() => remove(page, tab)} aria-label="Remove ${tab.path || "this text"}">Remove</button>`}
    </div>
    ${isLone ? html`<p class="hint">Without a path this text stands for every manifest that the config names.</p>` : ""}
  `;
}

/** Where the keyboard goes on among the texts. */
export function openTab(): HTMLElement | null {
  return document.querySelector("[role=tab][tabindex='0']");
}

function open(page: Playground, shown: Shown): void {
  page.shown = shown;
}

function typed(page: Playground, { detail }: CustomEvent<{ id: number; text: string }>): void {
  page.edit(withText(page.workspace, detail.id, detail.text));
}

function add(page: Playground, role: Role): void {
  const [workspace, tab] = withTab(page.workspace, role);
  page.edit(workspace);
  page.shown = tab.id;
}

function remove(page: Playground, tab: Tab): void {
  const at = page.workspace.tabs.indexOf(tab);
  page.edit(withoutTab(page.workspace, tab.id));
  page.shown = page.workspace.tabs[0]?.id ?? KNOWN;
  page.notice.say(`Removed ${tab.path || "the text without a path"}.`, {
    label: "Undo",
    run: () => {
      page.edit(withTabAgain(page.workspace, tab, at));
      focus(page, tab.id);
    },
  });
  focus(page, page.shown);
}

function rename(page: Playground, tab: Tab, input: HTMLInputElement): void {
  const path = input.value.trim();
  const workspace = withPath(page.workspace, tab.id, path);
  if (workspace) {
    page.edit(workspace);
    return;
  }
  input.value = tab.path;
  page.notice.warn(path === "" ? "Only manifests can be without a path." : `Another text has the path ${path} already.`);
}

/** Arrow keys, Home and End go from tab to tab, as in every list of tabs. */
function step(page: Playground, event: KeyboardEvent): void {
  const order: Shown[] = [...page.workspace.tabs.map(({ id }) => id), KNOWN];
  const at = order.indexOf(page.shown);
  const places: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: order.length - 1 };
  const wanted = places[event.key];
  const shown = wanted === undefined ? undefined : order[(wanted + order.length) % order.length];
  if (shown === undefined) {
    return;
  }
  event.preventDefault();
  focus(page, shown);
}

function focus(page: Playground, shown: Shown): void {
  open(page, shown);
  void page.updateComplete.then(() => page.querySelector<HTMLElement>(`#tab-${shown}`)?.focus());
}
