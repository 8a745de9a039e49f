// The element: what stands in it, and when it is drawn again.

import { LitElement, html, type TemplateResult } from "lit";

import type { PlanSource } from "../plan/source.js";

/** A rollout plan to look at. */
export class RolloutPlan extends LitElement {
  static override properties = { source: { attribute: false } };

  declare source: PlanSource | undefined;

  override render(): TemplateResult {
    return html`<h2>${this.source?.summary().application}</h2>`;
  }
}
