// Downloads: a state, all states, the storyboard.

import { html, type TemplateResult } from "lit";
import type { PlanSource } from "../../plan/source.js";
import { save, stateFile, statesArchive, statesFile, storyboardFile } from "../download.js";
import type { Playground } from "../playground.js";
import { closed } from "./closed.js";

/** Makes a file of what is shown; `undefined` where there is nothing to make it of. */
type Make = (plan: PlanSource, target: number, page: Playground) => File | undefined | Promise<File | undefined>;

const CHOICES: readonly (readonly [string, Make])[] = [
  ["This state (YAML)", (plan, target, page) => stateFile(plan, target, page.shared.state ?? 0)],
  ["All states in one file (YAML)", statesFile],
  ["All states, a file for each object (ZIP)", statesArchive],
  ["Storyboard (SVG)", (plan, target, page) => storyboard(plan, target, page)],
];

/** The menu; it does nothing where there is no plan. */
export function downloadMenu(page: Playground): TemplateResult {
  const hasPlan = (page.outcome.plan?.summary().targets.length ?? 0) > 0;
  return html`
    <details class="menu" name="menu">
      <summary>Download</summary>
      <div class="sheet">
        <ul>
          ${CHOICES.map(([words, make]) => html`<li><button ?disabled=${!hasPlan} @click=${(event: Event) => void download(page, make, event)}>${words}</button></li>`)}
        </ul>
        ${hasPlan ? "" : html`<p class="hint">There is no plan: the findings say why.</p>`}
      </div>
    </details>
  `;
}

async function download(page: Playground, make: Make, event: Event): Promise<void> {
  closed(event);
  const { plan } = page.outcome;
  const file = plan && (await make(plan, page.shared.target ?? 0, page));
  if (file) {
    save(file);
    page.notice.say(`${file.name} is in your downloads.`);
  }
}

async function storyboard(plan: PlanSource, target: number, { element }: Playground): Promise<File | undefined> {
  const svg = await element?.storyboard();
  return svg ? storyboardFile(plan, target, svg) : undefined;
}
