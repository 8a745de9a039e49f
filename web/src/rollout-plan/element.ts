// The element: what stands in it, where the cursor is, and when it is drawn again.

import { html, nothing, render, type TemplateResult } from "lit/html.js";

import type { Image, State, Summary, SummaryTarget, WholeState } from "../../pkg/foreshift_wasm.js";
import { routeName } from "../plan/document.js";
import type { PlanSource } from "../plan/source.js";
import { chart, isTimed, legend } from "./chart.js";
import { counted, findings, laws, storyboard, table, wayBack, writes } from "./details.js";
import { type Lane, lanes } from "./lanes.js";
import { links, type Moment, moments, stepName, words } from "./moments.js";
import { origin } from "./origin.js";
import styles from "./style.css?inline";
import { texts, type View, VIEWS } from "./texts.js";
import { traffic } from "./traffic.js";

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

/**
 * A rollout plan to look at. What it is about comes from `source`, else from `src`, a child with a document, or `live`
 * children. It sends `state-change` with `{ target, state, back }` when the reader has moved on.
 */
export class RolloutPlan extends HTMLElement {
  static observedAttributes = ["src", "state", "target", "view"];

  #source: PlanSource | undefined;
  #summary: Summary | undefined;
  #moments: Moment[] = [];
  #lanes: Lane[] = [];
  /** What the chart on the page was drawn of, but for the cursor. */
  #drawn: unknown[] = [];
  #failure = "";
  /** Which state of the way back is shown; 0 for none. */
  #back = 0;
  #isEqual = false;
  /** Which long parts are open. */
  #open = new Set<string>();
  #isPrinted = false;
  #isAsked = false;

  /** The plan; whoever sets it frees it. */
  get source(): PlanSource | undefined {
    return this.#source;
  }
  set source(source: PlanSource | undefined) {
    this.#source = source;
    this.#summary = source?.summary();
    this.#failure = "";
    this.#enter();
  }

  /** Where the cursor is; a number beyond the end counts as the end. */
  get state(): number {
    const last = Math.max(this.#moments.length - 1, 0);
    return Math.min(Math.max(Math.trunc(Number(this.getAttribute("state"))) || 0, 0), last);
  }
  set state(state: number) {
    this.setAttribute("state", String(state));
  }

  /** The name of the target that is shown: the first one, where none has the name that was asked for. */
  get target(): string | undefined {
    return this.#target?.name;
  }
  set target(name: string) {
    this.setAttribute("target", name);
  }

  /** What is shown of a text. */
  get view(): View {
    const view = this.getAttribute("view") as View;
    return view in VIEWS ? view : "changed";
  }
  set view(view: View) {
    this.setAttribute("view", view);
  }

  connectedCallback(): void {
    // A plan that was given before the element was defined hides the property.
    if (Object.hasOwn(this, "source")) {
      const { source } = this;
      delete (this as Partial<this>).source;
      this.source = source;
    }
    // A root that was made before, by `foreshift render`, is shown until there is a plan to draw.
    if (!this.shadowRoot) {
      this.attachShadow({ mode: "open" });
      this.#draw();
    }
    addEventListener("beforeprint", this.#print);
    addEventListener("afterprint", this.#print);
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", this.#load, { once: true });
    } else {
      void this.#load();
    }
  }

  disconnectedCallback(): void {
    removeEventListener("beforeprint", this.#print);
    removeEventListener("afterprint", this.#print);
  }

  attributeChangedCallback(name: string): void {
    if (name === "target") {
      this.#enter();
    }
    if (name === "state") {
      this.#back = 0;
    }
    // Before there is a root it is about to be connected, and loads then.
    if (name === "src" && this.shadowRoot) {
      void this.#load();
    }
    this.#ask();
  }

  /** A picture of every state of the target that is shown, as SVG that needs nothing else; empty where there is none. */
  async storyboard(): Promise<string> {
    const { picture } = await import("./picture.js");
    const target = this.#target;
    return target ? picture(this.#summary!.application, target, this.#moments) : "";
  }

  /** The same plan or target, from its beginning. */
  #enter(): void {
    const target = this.#target;
    this.#moments = target ? moments(target) : [];
    this.#lanes = target ? lanes(this.#moments, target) : [];
    this.#back = 0;
    this.#ask();
  }

  /** Draws once, however much has changed by then. */
  #ask(): void {
    if (!this.#isAsked) {
      this.#isAsked = true;
      queueMicrotask(() => this.#draw());
    }
  }

  #draw(): void {
    this.#isAsked = false;
    const root = this.shadowRoot;
    const isMadeBefore = root && root.adoptedStyleSheets[0] !== sheet;
    if (!root || (isMadeBefore && root.hasChildNodes() && !this.#summary && !this.#failure)) {
      return;
    }
    if (isMadeBefore) {
      root.replaceChildren();
      root.adoptedStyleSheets = [sheet];
    }
    render(this.#content(), root);
    const markers = root.querySelector(".markers");
    if (markers) {
      mark(markers, this.state);
      // Measuring waits for the frame, which measures anyway.
      requestAnimationFrame(() => reveal(markers, this.state));
    }
  }

  #content(): TemplateResult {
    const summary = this.#summary;
    const [drawn, equal] = this.#drawn;
    this.#drawn = [];
    if (!summary) {
      return html`<div class="frame" aria-busy=${!this.#failure}>${this.#failure && html`<p role="alert">${this.#failure}</p>`}</div>`;
    }
    const target = this.#target;
    const found = summary.diagnostics;
    return html`<div class="frame">
      ${this.#head(summary, target)} ${target && this.#plan(target, drawn === this.#moments && equal === this.#isEqual)}
      ${found[0] && this.#section("findings", `Findings (${found.length})`, () => findings(found), !target)}
    </div>`;
  }

  #head(summary: Summary, target: SummaryTarget | undefined): TemplateResult {
    const parts = this.#moments.flatMap(({ state }) => links(state.gate).flat());
    const approvals = parts.filter((part) => part.kind === "approval").length;
    return html`<header>
      <h2><bdi>${summary.application || "rollout"}</bdi>${target && html` → <bdi>${target.name}</bdi>`}</h2>
      ${target &&
      html`<div>${revisions(target)}${counted(target.states.length, "state")}${approvals ? ` · ${counted(approvals, "approval")}` : ""}</div>`}
      ${summary.targets.length > 1
        ? html`<div class="choice" role="group" aria-label="Target">${summary.targets.map(
            ({ name }) => html`<button aria-pressed=${name === target?.name} @click=${() => this.#go({ target: name })}><bdi>${name}</bdi></button>`,
          )}</div>`
        : nothing}
      <slot name="actions"></slot>
    </header>`;
  }

  #plan(target: SummaryTarget, isDrawn: boolean): TemplateResult {
    const number = this.#summary!.targets.indexOf(target);
    const whole = this.source!.state(number, this.state);
    const way = () => this.source!.wayBack(number, this.state)!;
    if (!whole) {
      return html`${nothing}`;
    }
    const shown = this.#back > 0 ? onTheWay(whole, way().states.slice(0, this.#back)) : whole;
    const go = (state: number) => this.#go({ state });
    const all = this.#moments;
    const { back } = all[this.state]!;
    const sentence = this.#sentence(shown, back);
    this.#drawn = [all, this.#isEqual];
    return html`
      <div class="steps" @keydown=${this.#key}>
        ${chart({ target, moments: all, lanes: this.#lanes, at: this.state, equal: this.#isEqual, isDrawn, go })}
        <div class="cursor">
          <input type="range" min="0" max=${all.length - 1} .value=${String(this.state)} aria-label="State" aria-valuetext=${sentence}
            @input=${(event: Event) => go((event.target as HTMLInputElement).valueAsNumber)} />
          ${isTimed(all) ? html`<button aria-pressed=${this.#isEqual} @click=${() => this.#toggle()}>equal widths</button>` : nothing}
        </div>
        <p class="sentence">${sentence}</p>
        <p class="legend">${legend(all)}</p>
      </div>
      <div class="panels">
        <section tabindex="0" aria-label="Traffic">
          <h3>Who gets what <small>configured shares, by Istio's rules</small></h3>
          ${traffic(shown.traffic, target)}
        </section>
        <section tabindex="0" aria-label="Text">
          <h3>What is written</h3>
          ${this.#back > 0 ? nothing : html`<div class="choice" role="group" aria-label="Lines">${(Object.keys(VIEWS) as View[]).map(
            (view) => html`<button aria-pressed=${view === this.view} @click=${() => (this.view = view)}>${VIEWS[view]}</button>`,
          )}</div>`}
          ${texts(shown, this.#back > 0 ? "whole" : this.view)}
        </section>
      </div>
      ${this.#section("way", back === undefined ? "No way back from here" : `The way back from here: ${writes(back) || "nothing"}`, () => wayBack(way(), this.#back, (back) => this.#go({ back })), this.#back > 0)}
      ${this.#section("laws", `The laws: ${whole.laws?.length ?? 0} judged on this state`, () => laws(whole, target))}
      ${this.#section("states", all.length === 1 ? "The one state" : `All ${all.length} states`, () => table(all, target, this.state, go))}
      ${this.#isPrinted ? html`<div class="print">${storyboard(all, target)}</div>` : ""}
    `;
  }

  #sentence({ step, gate }: Pick<WholeState, "step" | "gate">, back: number | undefined): string {
    const { state } = this.#moments[this.state]!;
    const last = this.#moments.length - 1;
    const place = this.#back > 0 ? `Way back ${this.#back}/${back}, from state ${this.state}` : `State ${this.state}/${last}`;
    const next = this.#back > 0 ? undefined : this.#moments[this.state + 1]?.state;
    return [
      place,
      stepName({ ...state, step } as typeof state),
      gate && `waits for ${words(gate)}`,
      next && `then ${next.step && "weight" in next.step ? next.step.weight : stepName(next)}`,
      this.#back > 0 || back === 0 ? undefined : back === undefined ? "no way back any more" : `way back from here: ${writes(back)}`,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  get #target(): SummaryTarget | undefined {
    const targets = this.#summary?.targets;
    return targets?.find(({ name }) => name === this.getAttribute("target")) ?? targets?.[0];
  }

  #go({ state, back = 0, target }: { state?: number; back?: number; target?: string }): void {
    if (state !== undefined) {
      this.state = state;
    }
    if (target !== undefined) {
      this.target = target;
    }
    this.#back = back;
    this.#draw();
    const detail = { target: this.target, state: this.state, back };
    this.dispatchEvent(new CustomEvent("state-change", { detail, bubbles: true, composed: true }));
  }

  #toggle(): void {
    this.#isEqual = !this.#isEqual;
    this.#draw();
  }

  /** A part that is drawn for those who open it: it may be long. */
  #section(name: string, title: string, content: () => TemplateResult, isForced = false): TemplateResult {
    const isOpen = isForced || this.#open.has(name);
    const toggled = ({ target }: Event): void => {
      this.#open[(target as HTMLDetailsElement).open ? "add" : "delete"](name);
      this.#ask();
    };
    return html`<details class="section" ?open=${isOpen} @toggle=${toggled}><summary>${title}</summary>${isOpen ? content() : nothing}</details>`;
  }

  #key = (event: KeyboardEvent): void => {
    const marker = (event.target as Element).closest(".markers button");
    const last = this.#moments.length - 1;
    const to = { ArrowLeft: this.state - 1, ArrowRight: this.state + 1, Home: 0, End: last }[event.key];
    if (!marker || to === undefined) {
      return;
    }
    event.preventDefault();
    this.#go({ state: Math.min(Math.max(to, 0), last) });
    this.shadowRoot?.querySelector<HTMLElement>(".markers [aria-current]")?.focus();
  };

  /** Paper does not wait. */
  #print = (event: Event): void => {
    this.#isPrinted = event.type === "beforeprint";
    this.#draw();
  };

  #load = async (): Promise<void> => {
    if (this.#source && !this.hasAttribute("src")) {
      return;
    }
    const address = this.getAttribute("src");
    // Another address may have come meanwhile.
    const isNewest = () => address === this.getAttribute("src");
    try {
      const opened = origin(this);
      const source = opened && ("summary" in opened ? opened : await opened);
      if (source && isNewest()) {
        this.source = source;
      }
    } catch (error) {
      if (isNewest()) {
        this.source = undefined;
        this.#failure = `The plan cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    this.#draw();
  };
}

/** Makes one marker the current one; all of them are drawn anew only with another plan. */
function mark(markers: Element, state: number): void {
  const before = markers.querySelector<HTMLElement>("[aria-current]");
  if (before) {
    before.ariaCurrent = null;
    before.tabIndex = -1;
  }
  const now = markers.children[state] as HTMLElement;
  now.ariaCurrent = "step";
  now.tabIndex = 0;
}

/** Brings the cursor into the chart's view, and a lane that its step writes. */
function reveal(markers: Element, state: number): void {
  const marker = markers.children[state] as HTMLElement | undefined;
  const scroller = markers.closest(".scroller");
  const lane = scroller?.querySelector<HTMLElement>("[data-written]");
  if (scroller && marker) {
    scroller.scrollLeft = marker.offsetLeft - (scroller.clientWidth - marker.offsetWidth) / 2;
  }
  if (scroller && lane) {
    scroller.scrollTop = lane.offsetTop - scroller.clientHeight / 3;
  }
}

/** Who runs and who comes, with the images that change; of more than two Deployments, how many. */
function revisions({ revisions }: SummaryTarget): TemplateResult {
  const isMany = revisions.length > 2;
  const each = revisions.map(
    ({ deployment, active, canary, images = [] }) => html`${revisions.length > 1 ? html`<bdi>${deployment}</bdi> ` : nothing}<span class="hashes"><bdi class="stable">${active}</bdi> → <bdi class="canary">${canary}</bdi></span>${images.map((image) => html` · <span class="image">${imageWords(image, images.length > 1 || image.container !== deployment)}</span>`)}${isMany ? html`<br>` : " · "}`,
  );
  return isMany ? html`<details><summary>${revisions.length} Deployments</summary>${each}</details> · ` : html`${each}`;
}

/** What becomes of the image of a container, which is named where it is not the one that its Deployment is called like. */
function imageWords({ container, before, after }: Image, isNamed: boolean): TemplateResult {
  const whose = isNamed ? html` of <bdi>${container}</bdi>` : nothing;
  const what = before && after ? html`<bdi>${before}</bdi> → <bdi>${after}</bdi>` : html`<bdi>${after ?? before}</bdi>`;
  return html`image${whose}: ${what}${after ? nothing : " goes"}`;
}

/** A state after some writes of its way back. */
function onTheWay(from: WholeState, back: State[]): WholeState {
  const plain = from.traffic.map(({ changed: _, ...route }): WholeState["traffic"][number] => route);
  const traffic = new Map(plain.map((route) => [routeName(route), route]));
  const last = back.at(-1)!;
  for (const state of back) {
    const mark = state === last ? { changed: true as const } : {};
    state.traffic.forEach((route) => traffic.set(routeName(route), { ...route, ...mark }));
  }
  const objects = last.objects.map((object) => ({ ...object, changed: true as const }));
  return { index: from.index, step: last.step, gate: last.gate, objects, traffic: [...traffic.values()] };
}
