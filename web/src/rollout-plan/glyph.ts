// Signs for what is waited for: a shape each, so that they are told apart without colour.

import { svg, type SVGTemplateResult, html, type TemplateResult } from "lit/html.js";

import type { Gate } from "../../pkg/foreshift_wasm.js";
import { links } from "./moments.js";

const SHAPES: Record<string, SVGTemplateResult> = {
  approval: svg`<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>`,
  duration: svg`<path class="open" d="M8 2a6 6 0 1 0 .1 0M8 4v4l3 2"/>`,
  analysis: svg`<path d="M8 1l7 7-7 7-7-7z"/>`,
  webhook: svg`<path class="open" d="M2 3h12v10H2zM5 8h6M8 5l3 3-3 3"/>`,
};
const WRITE = svg`<circle cx="8" cy="8" r="4"/>`;

/** The kinds of gates that have a sign of their own; the others pass by themselves. */
export function kind(gate: Gate | null): string {
  const kinds = links(gate).flat();
  return Object.keys(SHAPES).find((shape) => kinds.some((part) => part.kind === shape)) ?? "write";
}

/** The sign of a gate. */
export function glyph(name: string): TemplateResult {
  return html`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[name] ?? WRITE}</svg>`;
}
