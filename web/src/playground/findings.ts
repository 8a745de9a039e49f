// What is wrong, as a list that leads to each place.

import { html, type TemplateResult } from "lit";
import type { Summary } from "../../pkg/foreshift_wasm.js";
import type { Mark, Range } from "../editor/editor.js";
import { worded } from "../rollout-plan/details.js";
import type { Playground } from "./playground.js";
import { tabOf, type Tab } from "./workspace.js";

export type Finding = Summary["diagnostics"][number];

const SIGNS = { error: "✖", warning: "▲", note: "●" } as const;

/** The findings that stand in a text. */
export function marksOf(findings: readonly Finding[], { path }: Tab): Mark[] {
  return findings.flatMap((finding) => {
    const { file, severity, code, message, help } = finding;
    return file === path && "from" in finding ? [{ ...place(finding), severity, code, message, help }] : [];
  });
}

/** Where a finding stands in its text. */
export function place(finding: Finding): Range {
  return "from" in finding ? { from: finding.from, to: finding.to } : { from: 0, to: 0 };
}

/** How many of them a tab has, errors and warnings only. */
export function countOf(findings: readonly Finding[], { path }: Tab): number {
  return findings.filter(({ file, severity }) => file === path && severity !== "note").length;
}

/** Every finding of the newest request, worst first. */
export function findingsList(page: Playground): TemplateResult {
  const { findings, plan } = page.outcome;
  const sorted = (["error", "warning", "note"] as const).flatMap((wanted) =>
    findings.filter(({ severity }) => severity === wanted),
  );
  return html`
    <section class="findings" id="findings" aria-labelledby="findings-title" ?hidden=${!plan}>
      <h2 id="findings-title"><span aria-live="polite">${title(findings)}</span></h2>
      <ul>
        ${sorted.map((finding) => item(page, finding))}
      </ul>
    </section>
  `;
}

function item(page: Playground, finding: Finding): TemplateResult {
  const { severity, code, message, help, file, line, column } = finding;
  const hasPlace = tabOf(page.workspace, file) !== undefined && line !== null;
  const where = `${file || "manifests"}:${line}:${column}`;
  return html`
    <li data-severity=${severity}>
      <span class="sign" aria-hidden="true">${SIGNS[severity]}</span>
      <div>
        <p>${worded(message)}</p>
        ${help && html`<p class="help">${worded(help)}</p>`}
        <p class="where">
          ${severity}<span class="code">[${code}]</span>
          ${hasPlace ? html`<button class="place" @click=${() => page.go(finding)}>${where}</button>` : file}
        </p>
      </div>
    </li>
  `;
}

function title(findings: readonly Finding[]): string {
  const counted = (["error", "warning", "note"] as const).flatMap((wanted) => {
    const count = findings.filter(({ severity }) => severity === wanted).length;
    return count === 0 ? [] : [`${count} ${wanted}${count === 1 ? "" : "s"}`];
  });
  return counted.join(", ") || "No findings";
}
