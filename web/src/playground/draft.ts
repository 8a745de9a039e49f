// What was written here last time, kept in this browser; a browser that keeps nothing is no reason to fail. A draft takes
// the place of its own former self only: another one, of before an example or of a second tab, is set aside.

import type { PlanRequest } from "../../pkg/foreshift_wasm.js";

const KEY = "foreshift.draft.1";
const ASIDE = "foreshift.draft.aside.1";

/** The draft that is edited here, as it was kept last. */
let own: string | undefined;

/** The draft of last time, to go on with. */
export function restored(): PlanRequest | undefined {
  const kept = read(KEY);
  own = kept;
  return checked(kept);
}

/** Keeps a draft. */
export function keep(request: PlanRequest): void {
  const kept = read(KEY);
  const next = JSON.stringify(request);
  if (kept !== undefined && kept !== own && kept !== next) {
    write(ASIDE, kept);
  }
  own = next;
  write(KEY, next);
}

/** From now on something else is shown: what is kept next is another draft. */
export function leave(): void {
  own = undefined;
}

/** The drafts that are kept and not shown, the newest first. */
export function others(): PlanRequest[] {
  return [KEY, ASIDE].map(read).filter((kept) => kept !== own).map(checked).filter((draft) => draft !== undefined);
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, draft: string): void {
  try {
    localStorage.setItem(key, draft);
  } catch {
    // Full or forbidden: then the draft lives as long as the page.
  }
}

/** A draft that another version of the page wrote may be anything. */
function checked(kept: string | undefined): PlanRequest | undefined {
  const isFile = ({ path, text }: { path?: unknown; text?: unknown }): boolean =>
    typeof path === "string" && typeof text === "string";
  try {
    const draft = JSON.parse(kept ?? "null") as PlanRequest;
    return typeof draft.config === "string" && draft.files.every(isFile) ? draft : undefined;
  } catch {
    return undefined;
  }
}
