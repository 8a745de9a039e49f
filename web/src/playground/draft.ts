// What was written here last time, kept in this browser; a browser that keeps nothing is no reason to fail. A draft takes
// the place of its own former self only: another one, of before an example or of a second tab, is set aside.

import type { PlanRequest } from "../../pkg/foreshift_wasm.js";

const KEY = "foreshift.draft.1";
const ASIDE = "foreshift.drafts.1";

/** So many are set aside at most. */
const MOST_ASIDE = 8;

/** The draft that is edited here, as it was kept last. */
let own: string | undefined;

/** The draft of last time, to go on with. */
export function restored(): PlanRequest | undefined {
  const kept = read(KEY);
  own = kept;
  return checked(kept);
}

/** Keeps a draft, and says whether that could be done; where there is no room another one is not given up for it. */
export function keep(request: PlanRequest): boolean {
  const kept = read(KEY);
  const next = JSON.stringify(request);
  if (kept !== undefined && kept !== own && kept !== next && !setAside(kept)) {
    return false;
  }
  own = next;
  return write(KEY, next);
}

/** From now on something else is shown: what is kept next is another draft. */
export function leave(): void {
  own = undefined;
}

/** The drafts that are kept and not shown, the newest first. */
export function others(): PlanRequest[] {
  return [read(KEY), ...aside()].filter((kept) => kept !== own).map(checked).filter((draft) => draft !== undefined);
}

function aside(): string[] {
  try {
    const kept: unknown = JSON.parse(read(ASIDE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((draft) => typeof draft === "string") : [];
  } catch {
    return [];
  }
}

/** Where there is no room for all of them the oldest go. */
function setAside(draft: string): boolean {
  const all = [draft, ...aside().filter((other) => other !== draft)].slice(0, MOST_ASIDE);
  while (all.length > 0) {
    if (write(ASIDE, JSON.stringify(all))) {
      return true;
    }
    all.pop();
  }
  return false;
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** `false` where the browser is full, or keeps nothing. */
function write(key: string, draft: string): boolean {
  try {
    localStorage.setItem(key, draft);
    return true;
  } catch {
    return false;
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
