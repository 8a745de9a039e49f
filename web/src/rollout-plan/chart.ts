// The step chart: a lane for each planned route, a column for each state, and a marker below it.

import { html, nothing, type TemplateResult } from "lit/html.js";

import type { Route, SummaryTarget } from "../../pkg/foreshift_wasm.js";
import { routeName } from "../plan/document.js";
import { glyph, kind } from "./glyph.js";
import { type Moment, newShare, percent, planned, recipient, role, seconds, stepName, words } from "./moments.js";

/** How wide the longest wait is, in columns. */
const LONGEST = 6;

/** What the chart is asked to show. */
export interface Chart {
  target: SummaryTarget;
  moments: Moment[];
  at: number;
  /** Every column as wide as the others, whatever time it takes. */
  equal: boolean;
  go(state: number): void;
}

/** What the signs of these states mean. */
export function legend(all: Moment[]): TemplateResult[] {
  const signs = [...new Set(all.map(({ state }) => kind(state.gate)))].map((name) => html`<span>${glyph(name)} ${name}</span>`);
  return [html`<span><i class="stable"></i>stable</span><span><i class="canary"></i>canary, with its share</span>`, ...signs];
}

/** Whether any state lasts a time that is planned. */
export function isTimed(all: Moment[]): boolean {
  return all.some(({ state }) => (seconds(state.gate) ?? 0) > 0);
}

/** Lanes and markers, in the same columns. */
export function chart(asked: Chart): TemplateResult {
  const { target, moments, at, equal, go } = asked;
  const lanes = planned(moments, target);
  const columns = `grid-template-columns:${widths(moments, equal)}`;
  // Room for a finger, and for the number.
  const narrowest = Math.max(24, 8 + 8 * String(moments.length - 1).length);
  return html`<div class="scroller"><div class="chart" .style=${`min-inline-size:${moments.length * narrowest}px`}>
    ${lanes.map((name) => lane(name, asked, columns, lanes.length === 1))}
    <div class="markers" role="group" aria-label="States" .style=${columns}>
      ${moments.map(
        ({ state, routes }, index) => html`<button
          tabindex=${index === at ? 0 : -1}
          aria-current=${index === at ? "step" : nothing}
          aria-label=${`State ${index}, ${stepName(state)}${state.gate ? `, then waits for ${words(state.gate)}` : ""}`}
          title=${words(state.gate) || nothing}
          class=${kind(state.gate)}
          ?data-broken=${routes.some(({ shares }) => shares.some((share) => share.error))}
          @click=${() => go(index)}
        >${glyph(kind(state.gate))}<span>${index}</span></button>`,
      )}
    </div>
  </div></div>`;
}

/** One unit for what takes no planned time; waits are as wide as they are long. */
function widths(all: Moment[], equal: boolean): string {
  const times = all.map(({ state }) => seconds(state.gate) ?? 0);
  const longest = Math.max(...times, 1);
  return times.map((time) => `${equal ? 1 : Math.max(1, (LONGEST * time) / longest)}fr`).join(" ");
}

function lane(name: string, { target, moments, at }: Chart, columns: string, isAlone: boolean): TemplateResult {
  const routes = moments.map(({ routes }) => routes.find((route) => routeName(route) === name));
  const { route, virtualService } = routes.find(Boolean)!;
  // Routes of several VirtualServices are often called the same.
  const title = isAlone ? route : `${virtualService} ${route}`;
  const isWritten = moments[at]?.state.traffic.some((route) => routeName(route) === name);
  return html`<div class="lane" role="img" aria-label=${`${title}: who gets what, state by state`} ?data-written=${isWritten} .style=${columns}>
    ${runs(routes).map(
      ([from, to]) => html`<div class="run" .style=${`grid-column:${from + 1}/${to + 1}`}>
        ${parts(routes[from], target)}<b>${newShare(routes[from], target).replaceAll(" ", "")}</b>
      </div>`,
    )}
    ${moments.map(({ state }, index) => {
      const isBreak = seconds(state.gate) === undefined;
      return index === at || isBreak ? html`<s ?data-at=${index === at} ?data-break=${isBreak} .style=${`grid-column:${index + 1}`}></s>` : nothing;
    })}
    ${isAlone ? nothing : html`<bdi>${title}</bdi>`}
  </div>`;
}

/** The states from and to which a route gives the same. */
function runs(routes: (Route | undefined)[]): [number, number][] {
  const shares = routes.map((route) => JSON.stringify(route?.shares));
  const out: [number, number][] = [];
  shares.forEach((now, index) => {
    const last = out.at(-1);
    if (last && now === shares[index - 1]) {
      last[1] = index + 1;
    } else {
      out.push([index, index + 1]);
    }
  });
  return out;
}

/** The parts of a route's requests, each as large as its share. */
export function parts(route: Route | undefined, target: SummaryTarget): TemplateResult[] | undefined {
  return route?.shares.map(
    (share) => html`<i class=${role(share, target)} title=${`${recipient(share)} ${percent(share)}`} .style=${`flex-grow:${share.percent}`}></i>`,
  );
}
