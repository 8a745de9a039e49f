// The step chart: a lane for each planned route, a column for each state, and a marker below it.

import { html, noChange, nothing, type TemplateResult } from "lit/html.js";

import type { Route, SummaryTarget } from "../../pkg/foreshift_wasm.js";
import { routeName } from "../plan/document.js";
import { glyph, kind } from "./glyph.js";
import type { Lane } from "./lanes.js";
import { type Moment, newShare, role, seconds, shareWords, stepName, words } from "./moments.js";

/** How wide the longest wait is, in columns. */
const LONGEST = 6;

/** What the chart is asked to show. */
export interface Chart {
  target: SummaryTarget;
  moments: Moment[];
  lanes: Lane[];
  at: number;
  /** Every column as wide as the others, whatever time it takes. */
  equal: boolean;
  /** Nothing but the cursor differs from what was drawn last. */
  isDrawn: boolean;
  go(state: number): void;
}

/** What the signs of these states mean. */
export function legend(all: Moment[]): TemplateResult[] {
  const signs = [...new Set(all.map(({ state }) => kind(state.gate)))].map((name) => html`<span>${glyph(name)} ${name}</span>`);
  return [html`<span><i class="stable"></i>stable</span><span><i class="canary"></i>canary (share)</span>`, ...signs];
}

/** Whether any state lasts a time that is planned. */
export function isTimed(all: Moment[]): boolean {
  return all.some(({ state }) => (seconds(state.gate) ?? 0) > 0);
}

/** Lanes and markers, in the same columns. Which marker is the current one is left to whoever draws. */
export function chart(asked: Chart): TemplateResult {
  const { moments, lanes, at, equal, isDrawn, go } = asked;
  const columns = isDrawn ? noChange : `grid-template-columns:${widths(moments, equal)}`;
  // Room for a finger, and for the number.
  const narrowest = Math.max(24, 8 + 8 * String(moments.length - 1).length);
  return html`<div class="scroller"><div class="chart" .style=${`min-inline-size:${moments.length * narrowest}px`}>
    ${lanes.map((one) => lane(one, asked, columns))}
    <p class="at" .style=${columns}><s .style=${`grid-column:${at + 1}`}></s></p>
    <p class="markers" role="group" aria-label="States" .style=${columns}>
      ${isDrawn ? noChange : moments.map((moment, index) => marker(moment, index, go))}
    </p>
  </div></div>`;
}

function marker({ state, routes }: Moment, index: number, go: Chart["go"]): TemplateResult {
  const gate = words(state.gate);
  const sign = kind(state.gate);
  const isBroken = routes.some(({ shares }) => shares.some((share) => share.error));
  return html`<button tabindex="-1" aria-label=${`State ${index}, ${stepName(state)}${isBroken ? ", with 503" : ""}${gate && `, then waits for ${gate}`}`} title=${gate || nothing} class=${sign}
    ?data-broken=${isBroken} @click=${() => go(index)}>${glyph(sign)}<span>${index}</span></button>`;
}

/** One unit for what takes no planned time; waits are as wide as they are long. */
function widths(all: Moment[], equal: boolean): string {
  const times = all.map(({ state }) => seconds(state.gate) ?? 0);
  const longest = Math.max(...times, 1);
  return times.map((time) => `${equal ? 1 : Math.max(1, (LONGEST * time) / longest)}fr`).join(" ");
}

function lane({ name, title, runs }: Lane, { target, moments, at, isDrawn }: Chart, columns: unknown): TemplateResult {
  const isWritten = moments[at]?.state.traffic.some((route) => routeName(route) === name);
  return html`<div class="lane" role="img" aria-label=${`${title}: who gets what, state by state`} ?data-written=${isWritten} .style=${columns}>
    ${isDrawn ? noChange : runs.map(({ from, to, route }) => html`<div class="run" .style=${`grid-column:${from + 1}/${to + 1}`}>${parts(route, target)}<b>${newShare(route, target).replaceAll(" ", "")}</b></div>`)}
    ${isDrawn ? noChange : moments.map(({ state }, index) => (seconds(state.gate) === undefined ? html`<s data-break .style=${`grid-column:${index + 1}`}></s>` : nothing))}
    <bdi>${title}</bdi>
  </div>`;
}

/** The parts of a route's requests, each as large as its share. */
export function parts(route: Route | undefined, target: SummaryTarget): TemplateResult[] | undefined {
  return route?.shares.map(
    (share) => html`<i class=${role(share, target)} title=${shareWords(share)} .style=${`flex-grow:${share.percent}`}></i>`,
  );
}
