// What is written: changed lines with their paths, or whole texts.

import { html, nothing, type TemplateResult } from "lit/html.js";

import type { ChangedLine, KubernetesObject, Line, WholeState } from "../../pkg/foreshift_wasm.js";
import { hunks, merged, safe } from "./lines.js";

/** What is shown of a text. */
export const VIEWS = { changed: "changed", whole: "whole", start: "since the start" } as const;
export type View = keyof typeof VIEWS;

const SIGNS = { kept: " ", removed: "−", added: "+" };

/** The objects of a state: the one that its step wrote, or all. */
export function texts(state: WholeState, view: View): TemplateResult {
  const lines = (view === "start" ? (state.sinceStart ?? state.lines) : state.lines) ?? [];
  const written = state.objects.find((object) => object.changed);
  if (view === "whole" || !written) {
    const isLittle = !written && state.objects.length < 4;
    return html`${written || view === "whole" ? nothing : html`<p>Nothing yet. What is there:</p>`}
    ${state.objects.map((object) => whole(object, object.changed ? lines : [], isLittle))}`;
  }
  const runs = hunks(merged(written.text, lines));
  return html`<h4>${title(written)} <small>${count(lines, "added")} ${count(lines, "removed")}</small></h4>
    ${runs.length === 0 ? html`<p>as it was at the start</p>` : runs.map(hunk)}`;
}

function count(lines: readonly ChangedLine[], mark: "added" | "removed"): string {
  return SIGNS[mark] + lines.filter((line) => line.mark === mark).length;
}

function title({ kind, name, text }: KubernetesObject): TemplateResult {
  return html`${kind} <bdi>${name}</bdi>${text === null ? " (removed)" : ""}`;
}

function whole(object: KubernetesObject & { changed?: true }, lines: ChangedLine[], isOpen: boolean): TemplateResult {
  return html`<details ?open=${object.changed || isOpen}><summary>${title(object)}</summary>${code(merged(object.text, lines))}</details>`;
}

function hunk(lines: Line[]): TemplateResult {
  const paths = lines.flatMap((line) => ("path" in line ? [line.path!.split(/(?=[.[])/)] : []));
  const path = paths.reduce((first, next) => first.filter((part, at) => first.slice(0, at + 1).every((_, to) => first[to] === next[to]) && part), paths[0] ?? []);
  return html`${path.length > 0 ? html`<p class="path">${path.join("")}</p>` : nothing}${code(lines)}`;
}

function code(lines: readonly Line[]): TemplateResult {
  return html`<pre>${lines.map(
    (line) => html`<span class=${line.mark} title=${("path" in line && line.path) || nothing}><i>${line.after ?? line.before}</i>${SIGNS[line.mark]} ${safe(line.text)}\n</span>`,
  )}</pre>`;
}
