// What stands below a state: its laws, the way back, all states, findings.

import { html, nothing, type TemplateResult } from "lit/html.js";

import type { Diagnostic, Route, SummaryTarget, WholeAbort, WholeState } from "../../pkg/foreshift_wasm.js";
import { parts } from "./chart.js";
import { safe } from "./lines.js";
import { among, type Moment, newShare, planned, shareWords, stepName, words } from "./moments.js";

/** Every law, and whether the state was judged by it. */
export function laws(state: WholeState, target: SummaryTarget): TemplateResult {
  return html`<ul class="laws">
    ${target.laws.map(({ law, words }) =>
      state.laws?.includes(law)
        ? html`<li class="holds"><b>✓ law ${law}</b> ${words} <small>holds</small></li>`
        : html`<li><b>– law ${law}</b> ${words} <small>not touched</small></li>`,
    )}
  </ul>`;
}

/** The way out of a state, write by write. */
export function wayBack(way: WholeAbort, at: number, go: (back: number) => void): TemplateResult {
  if (way.states.length === 0) {
    return html`<p>${way.direction === "back" ? "Nothing to take back." : "The way out is the rest of the way."}</p>`;
  }
  return html`<ol class="way">
    ${way.states.map(
      (state) => html`<li><button aria-pressed=${state.index === at} @click=${() => go(state.index === at ? 0 : state.index)}>${stepName(state)}</button>
        ${state.step.object.kind} <bdi>${state.step.object.name}</bdi>${state.gate && html` <small>then waits for ${words(state.gate)}</small>`}</li>`,
    )}
  </ol>`;
}

/** Every state in a row. */
export function table(all: Moment[], target: SummaryTarget, at: number, go: (state: number) => void): TemplateResult {
  const lanes = planned(all, target);
  return html`<table>
    <thead><tr><th scope="col">state</th><th scope="col">object</th><th scope="col">new version</th><th scope="col">way back</th><th scope="col">then waits for</th></tr></thead>
    <tbody>${all.map(
      ({ state, routes, back }, index) => html`<tr aria-current=${index === at ? "step" : nothing}>
        <th scope="row"><button @click=${() => go(index)}>${index}</button> ${stepName(state)}</th>
        <td>${state.step ? html`${state.step.object.kind} <bdi>${state.step.object.name}</bdi>` : "–"}</td>
        <td>${among(routes, lanes).map((route) => html`<div>${named(route, lanes)}${newShare(route, target)}</div>`)}</td>
        <td>${back === undefined ? "forward" : writes(back) || "–"}</td>
        <td>${words(state.gate) || "–"}</td>
      </tr>`,
    )}</tbody>
  </table>`;
}

/** A small picture of every state, for print. */
export function storyboard(all: Moment[], target: SummaryTarget): TemplateResult {
  const lanes = planned(all, target);
  return html`<ol class="story" start="0">
    ${all.map(
      ({ state, routes }, index) => html`<li><b>${index}</b> ${stepName(state)}
        ${among(routes, lanes).map((route) => html`<div class="ribbon" aria-hidden="true">${parts(route, target)}</div><p>${named(route, lanes)}${route.shares.map(shareWords).join(", ")}</p>`)}
        ${state.gate && html`<small>waits for ${words(state.gate)}</small>`}</li>`,
    )}
  </ol>`;
}

/** Which of several routes it is. */
function named({ route }: Route, { length }: string[]): unknown {
  return length > 1 ? html`<bdi>${route}</bdi> ` : nothing;
}

/** A text with what stands in backticks as code. */
export function worded(text: string): unknown[] {
  return safe(text).split("`").map((part, at) => (at % 2 ? html`<code>${part}</code>` : part));
}

/** What is wrong or deserves a look. */
export function findings(found: readonly Diagnostic[]): TemplateResult {
  return html`<ul class="findings">
    ${found.map(
      ({ severity, code, message, file, line, column, help }) => html`<li class=${severity}><b>${severity}</b> <code>${code}</code> ${worded(message)}
        ${line && html`<small><bdi>${file}</bdi>:${line}:${column}</small>`}
        ${help && html`<p>${worded(help)}</p>`}</li>`,
    )}
  </ul>`;
}

/** `1 write`, `3 writes`; nothing of none. */
export function writes(count: number): string {
  return count > 0 ? counted(count, "write") : "";
}

/** A number with its noun. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
