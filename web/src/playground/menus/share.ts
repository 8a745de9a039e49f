// Sharing: a link that holds everything, in the forms in which it is pasted, and the report of a problem.

import { html, type TemplateResult } from "lit";
import { createRef, type Ref, ref } from "lit/directives/ref.js";
import type { Playground } from "../playground.js";
import { issue, report } from "../report.js";
import { type Form, formed, type Made, made } from "../sharing.js";
import { closed } from "./closed.js";

const FORMS: readonly (readonly [Form, string])[] = [
  ["link", "Copy link"],
  ["markdown", "Copy Markdown block"],
  ["embed", "Copy embed tag"],
];

const address: Ref<HTMLTextAreaElement> = createRef();
const length: Ref<HTMLElement> = createRef();
const masks: Ref<HTMLElement> = createRef();
const problem: Ref<HTMLDialogElement> = createRef();

/** What the open menu shows, and its buttons copy. */
let shown: Made | undefined;

/** The menu and the dialog behind it. */
export function shareMenu(page: Playground): TemplateResult {
  return html`
    <details class="menu" name="menu" @toggle=${(event: Event) => void toggled(page, event)}>
      <summary>Share</summary>
      <div class="sheet share">
        <label>Link to this rollout and state <textarea readonly rows="4" spellcheck="false" ${ref(address)}></textarea></label>
        <p class="hint" ${ref(length)}></p>
        <p class="masks" role="alert" ${ref(masks)}></p>
        <div class="row">
          ${FORMS.map(([form, words]) => html`<button @click=${(event: Event) => void copied(page, form, event)}>${words}</button>`)}
        </div>
        <p class="hint">The link holds all texts, but for what Secrets hold. They stand behind <code>#</code>, which a browser sends to no server.</p>
        <button class="quiet" @click=${(event: Event) => void openReport(page, event)}>Report a problem with this state…</button>
      </div>
    </details>
    ${dialog(page)}
  `;
}

function dialog(page: Playground): TemplateResult {
  return html`
    <dialog aria-labelledby="report-title" ${ref(problem)}>
      <h2 id="report-title">Report a problem with this state</h2>
      <p class="hint">Nothing is sent from here. Say what you expected, and remove what nobody else should see.</p>
      <textarea aria-label="Text of the report" rows="14" spellcheck="false"></textarea>
      <div class="row">
        <button @click=${(event: Event) => void copyReport(page, event)}>Copy the text</button>
        <button @click=${openIssue} ?hidden=${issue("") === undefined}>Open a new issue</button>
        <button class="quiet" @click=${() => problem.value?.close()}>Close</button>
      </div>
    </dialog>
  `;
}

async function toggled(page: Playground, event: Event): Promise<void> {
  if (!(event.target as HTMLDetailsElement).open) {
    return;
  }
  show(undefined, "");
  try {
    const rollout = await made(page.shared);
    history.replaceState(null, "", new URL(rollout.link).hash);
    show(rollout, `${rollout.link.length} characters. It stands in the address bar too.`);
  } catch (error) {
    show(undefined, (error as Error).message);
  }
}

function show(rollout: Made | undefined, words: string): void {
  shown = rollout;
  if (address.value && length.value && masks.value) {
    address.value.value = rollout?.link ?? "";
    length.value.textContent = words;
    masks.value.textContent = rollout?.warning ?? "";
  }
}

async function copied(page: Playground, form: Form, event: Event): Promise<void> {
  if (shown && (await copy(page, formed(form, shown.link, shown.request)))) {
    closed(event);
    const names = { link: "The link", markdown: "The Markdown block", embed: "The embed tag" };
    page.notice.say(`${names[form]} is in the clipboard.`);
  }
}

async function openReport(page: Playground, event: Event): Promise<void> {
  closed(event);
  const { request, target = 0, state = 0 } = page.shared;
  const link = await made({ request, target, state }).then(
    (rollout) => rollout.link,
    (error: Error) => error.message,
  );
  const text = problem.value?.querySelector("textarea");
  problem.value?.showModal();
  if (text) {
    text.value = report(link, page.outcome, target, state);
    text.setSelectionRange(0, 0);
    text.scrollTop = 0;
  }
}

async function copyReport(page: Playground, event: Event): Promise<void> {
  const dialog = (event.target as Element).closest("dialog");
  if (await copy(page, dialog?.querySelector("textarea")?.value ?? "")) {
    dialog?.close();
    page.notice.say("The report is in the clipboard.");
  }
}

function openIssue(event: Event): void {
  const text = (event.target as Element).closest("dialog")?.querySelector("textarea")?.value ?? "";
  const address = issue(text);
  if (address) {
    open(address, "_blank", "noopener");
  }
}

/** Whether the clipboard took it; some browsers and frames have none. */
async function copy(page: Playground, text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    page.notice.warn("This browser does not let the page copy. Select the text and copy it by hand.");
    return false;
  }
}
