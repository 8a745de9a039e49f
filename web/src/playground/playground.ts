// `<foreshift-playground>`: editors on one side, the plan on the other, and what is between them.

import { html, LitElement, type TemplateResult } from "lit";
import type { PlanRequest } from "../../pkg/foreshift_wasm.js";
import { TextEditor } from "../editor/element.js";
import { fromDocument } from "../plan/source.js";
import { RolloutPlan } from "../rollout-plan/index.js";
import { firstLook } from "../rollout-plan/moments.js";
import type { Shared } from "../share/link.js";
import { keep, leave } from "./draft.js";
import { type Finding, findingsList, marksOf, place } from "./findings.js";
import { head } from "./head.js";
import { inputs, KNOWN, openTab, type Shown } from "./inputs.js";
import { Notice } from "./notice.js";
import { type Outcome, Planning } from "./planning.js";
import * as scheme from "./scheme.js";
import { hasLink, opened } from "./start.js";
import { config, fromRequest, renewed, tabOf, toRequest, type Workspace } from "./workspace.js";

/** The page. It is drawn into the document, so that the page's own style sheet reaches it. */
export class Playground extends LitElement {
  static override properties = {
    workspace: { state: true },
    shown: { state: true },
    outcome: { state: true },
    scheme: { state: true },
    newVersion: { state: true },
  };

  declare workspace: Workspace;
  /** The tab that is open. */
  declare shown: Shown;
  declare outcome: Outcome;
  declare scheme: scheme.Scheme;
  /** Takes over, once a newer build of the page is ready. */
  declare newVersion: (() => void) | undefined;

  readonly notice = new Notice(this);
  readonly #planning = new Planning((outcome) => {
    this.outcome = outcome;
  });
  /** The files as `foreshift play` gave them last; `undefined` where something else was opened. */
  onDisk: PlanRequest | undefined;
  /** Whether there is anything yet; a link is opened in a moment, and what has no texts has nothing to show. */
  #isBegun = false;
  /** Whether what is there was written here, or at least would be missed. */
  #isDraft = false;
  /** Whether the draft was kept, when that was last tried. */
  #isKept = true;

  constructor() {
    super();
    this.workspace = fromRequest({ config: "deploy.yaml", files: [] });
    this.shown = config(this.workspace.tabs).id;
    this.outcome = { findings: [] };
    this.scheme = scheme.chosen();
    this.newVersion = undefined;
    addEventListener("hashchange", () => void this.#openAddress());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#closeMenus());
    addEventListener("click", ({ target }) => this.#closeMenus(target as Element));
  }

  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren();
    return this;
  }

  /** Opens with a rollout whose plan is known already. */
  async begin(request: PlanRequest, document: Parameters<typeof fromDocument>[0]): Promise<void> {
    this.#put(fromRequest(request));
    this.#planning.take(fromDocument(document));
    await this.#look();
  }

  /** Opens with a rollout; resolves once there is a plan, or is known to be none. */
  async open({ request, target, state }: Shared, isDraft: boolean): Promise<void> {
    this.#put(fromRequest(request));
    this.#isDraft = isDraft;
    await this.plan();
    await this.#look(target, state);
  }

  /** Plans what is there. */
  plan(): Promise<void> {
    return this.#planning.ask(toRequest(this.workspace));
  }

  /** Takes a change that the user made. */
  edit(workspace: Workspace): void {
    this.workspace = workspace;
    this.#isDraft = true;
    this.notice.clear();
    this.#keep();
    leaveLink();
    void this.plan();
  }

  /** Keeps the draft; says once where the browser does not. */
  #keep(): void {
    const isKept = keep(toRequest(this.workspace));
    if (!isKept && this.#isKept) {
      this.notice.warn("This browser has no room for this draft, or keeps nothing: a reload loses it. A link or a download holds it.");
    }
    this.#isKept = isKept;
  }

  /** Opens something else, which may be what the address says; what was there can be had back. */
  load(shared: Shared, what: string, isLinked = false): void {
    const { workspace, shown, onDisk } = this;
    const { target, state } = this.shared;
    const isDraft = this.#isDraft;
    this.onDisk = undefined;
    if (!isLinked) {
      leaveLink();
    }
    this.#planning.forget();
    void this.open(shared, false);
    leave();
    this.notice.say(what, {
      label: "Undo",
      run: () => {
        this.#planning.forget();
        Object.assign(this, { workspace, shown, onDisk });
        this.#isDraft = isDraft;
        if (isDraft) {
          this.#keep();
        }
        leaveLink();
        this.notice.say("As it was before.");
        void this.plan().then(() => this.#look(target, state));
        openTab()?.focus();
      },
    });
  }

  /** Takes what was changed on disk, and stays in the tab that is open. What was edited here and not there stays. */
  renew(onDisk: PlanRequest): void {
    if (!this.onDisk) {
      const run = () => {
        this.load({ request: onDisk }, "Opened the files.");
        this.onDisk = onDisk;
      };
      this.notice.say("The files have changed on disk.", { label: "Open them", run });
      return;
    }
    const { workspace, shown } = this;
    const { workspace: newer, lost } = renewed(workspace, this.onDisk, onDisk);
    this.onDisk = onDisk;
    this.workspace = newer;
    if (this.shown !== KNOWN && !this.workspace.tabs.some(({ id }) => id === this.shown)) {
      this.shown = config(this.workspace.tabs).id;
    }
    if (lost.length > 0) {
      const run = () => {
        this.edit(workspace);
        this.shown = shown;
      };
      this.notice.say(`${lost.join(", ")}: changed on disk, which took the place of what was edited here.`, { label: "Undo", run });
    }
    void this.plan();
  }

  /** Opens a tab, and a place in it. */
  async go(finding: Finding): Promise<void> {
    const tab = tabOf(this.workspace, finding.file);
    if (!tab) {
      return;
    }
    this.shown = tab.id;
    await this.updateComplete;
    this.editor?.select(place(finding));
  }

  /** The rollout and where in it the reader is. */
  get shared(): Shared {
    const names = this.outcome.plan?.summary().targets.map(({ name }) => name) ?? [];
    const target = Math.max(0, names.indexOf(this.element?.target ?? ""));
    return { request: toRequest(this.workspace), target, state: this.element?.state ?? 0 };
  }

  get element(): RolloutPlan | null {
    return this.querySelector("rollout-plan");
  }

  get editor(): TextEditor | null {
    return this.querySelector("text-editor");
  }

  chooseScheme(): void {
    this.scheme = scheme.next(this.scheme);
  }

  override render(): TemplateResult {
    const { plan, isOlder, failure, isLate } = this.outcome;
    const none = failure ? "the planner stopped" : "with these findings there is none";
    const stale = isLate ? "The planner is loading" : isOlder && `This is the plan from before the last change: ${none}`;
    // Before the first answer the plan has its place already.
    const hasPlan = !plan || plan.summary().targets.length > 0;
    return html`
      ${head(this)}
      <main>
        <section class="inputs" id="inputs" aria-label="Inputs" ?data-empty=${!this.#isBegun}>${inputs(this)} ${findingsList(this)}</section>
        <section class="plan" id="plan" aria-labelledby="plan-title">
          <h2 id="plan-title" class="unseen">Plan</h2>
          ${stale ? html`<p class="older">${stale}.</p>` : ""}
          ${failure ? html`<p class="failure" role="alert">${failure}</p>` : ""}
          <p class="none" ?hidden=${hasPlan}>There is no plan. The findings say why.</p>
          <rollout-plan .source=${plan} ?data-older=${isOlder} ?hidden=${!hasPlan}></rollout-plan>
        </section>
      </main>
      ${this.notice.view()}
    `;
  }

  protected override updated(): void {
    const tab = this.workspace.tabs.find(({ id }) => id === this.shown);
    if (tab && this.shown !== KNOWN) {
      const label = tab.path || "manifests, for every path";
      this.editor?.show({ id: tab.id, label, text: tab.text }, marksOf(this.outcome.findings, tab));
    }
  }

  #put(workspace: Workspace): void {
    this.#isBegun = true;
    this.workspace = workspace;
    this.shown = config(workspace.tabs).id;
  }

  /** Puts the cursor there, else where there is something to see. */
  async #look(target = 0, state?: number): Promise<void> {
    await this.updateComplete;
    const { element } = this;
    const shown = this.outcome.plan?.summary().targets[target];
    if (element && shown) {
      element.target = shown.name;
      element.state = state ?? firstLook(shown);
    }
  }

  /** A link that was put into the address of the open page. */
  async #openAddress(): Promise<void> {
    if (!hasLink()) {
      return;
    }
    try {
      this.load(await opened(location.hash), "The link is open.", true);
    } catch (error) {
      this.notice.warn((error as Error).message);
    }
  }

  #closeMenus(but?: Element): void {
    for (const menu of this.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (but && menu.contains(but)) {
        continue;
      }
      menu.open = false;
      if (!but) {
        menu.querySelector("summary")?.focus();
      }
    }
  }
}

/** What is there is no longer what the address says. */
function leaveLink(): void {
  if (location.hash) {
    history.replaceState(null, "", location.pathname + location.search);
  }
}

customElements.define("foreshift-playground", Playground);

declare global {
  interface HTMLElementTagNameMap {
    "foreshift-playground": Playground;
  }
}
