// What is known beside the texts: hashes, whether anything runs yet, which target is meant.

import { html, type TemplateResult } from "lit";
import type { PlanHash } from "../../pkg/foreshift_wasm.js";
import type { Playground } from "./playground.js";

const SIDES = ["active", "canary"] as const;

/** The form behind the last tab. */
export function known(page: Playground): TemplateResult {
  const { hashes, target, first } = page.workspace;
  return html`
    <div class="known">
      <fieldset>
        <legend>Hashes of revisions</legend>
        <p class="hint">
          The hash of the pod template that runs now (active) and of the one that comes (canary). What is not given is
          computed, or stands as <code>hash-of-running-version</code>.
        </p>
        ${hashes.map((hash, at) => row(page, hash, at))}
        <button class="more" @click=${() => put(page, [...hashes, missing(hashes)])}>+ hash</button>
      </fieldset>
      <label class="check">
        <input type="checkbox" .checked=${first} @change=${(event: Event) => change(page, { first: checked(event) })} />
        First deployment: nothing runs yet
      </label>
      <label>
        Only this target
        <input .value=${target ?? ""} placeholder="all of them" spellcheck="false"
          @change=${(event: Event) => change(page, { target: value(event) || undefined })} />
      </label>
    </div>
  `;
}

function row(page: Playground, hash: PlanHash, at: number): TemplateResult {
  const { hashes } = page.workspace;
  const name = hash.hash || `hash ${at + 1}`;
  const replace = (replaced: PlanHash): void => put(page, hashes.with(at, replaced));
  return html`
    <div class="hash">
      <select aria-label="Which revision has ${name}" .value=${hash.side}
        @change=${(event: Event) => replace({ ...hash, side: value(event) as PlanHash["side"] })}>
        ${SIDES.map((side) => html`<option ?selected=${side === hash.side}>${side}</option>`)}
      </select>
      <input aria-label="Hash ${at + 1}" .value=${hash.hash} placeholder="hash" spellcheck="false" autocapitalize="off"
        @input=${(event: Event) => replace({ ...hash, hash: value(event) })} />
      <input aria-label="Deployment of hash ${at + 1}" .value=${hash.workload ?? ""} placeholder="every Deployment" spellcheck="false"
        @change=${(event: Event) => replace(of(value(event), hash))} />
      <button @click=${() => remove(page, at)} aria-label="Remove ${name}">✕</button>
    </div>
  `;
}

function of(workload: string, { side, hash }: PlanHash): PlanHash {
  return workload === "" ? { side, hash } : { workload, side, hash };
}

/** The side that has no hash yet. */
function missing(hashes: readonly PlanHash[]): PlanHash {
  return { side: hashes.some(({ side }) => side === "active") ? "canary" : "active", hash: "" };
}

/** The next one may be removed too, or another one added. */
function remove(page: Playground, at: number): void {
  put(page, page.workspace.hashes.toSpliced(at, 1));
  page.querySelector<HTMLElement>(".known .more")?.focus();
}

function put(page: Playground, hashes: readonly PlanHash[]): void {
  change(page, { hashes });
}

function change(page: Playground, change: Partial<Playground["workspace"]>): void {
  page.edit({ ...page.workspace, ...change });
}

function value(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value.trim();
}

function checked(event: Event): boolean {
  return (event.target as HTMLInputElement).checked;
}
