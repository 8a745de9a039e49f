// What was written here last time, kept in this browser; a browser that keeps nothing is no reason to fail.

import type { PlanRequest } from "../../pkg/foreshift_wasm.js";

const KEY = "foreshift.draft.1";

/** The draft of last time. */
export function restored(): PlanRequest | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === null ? undefined : checked(JSON.parse(kept));
  } catch {
    return undefined;
  }
}

/** Keeps a draft. */
export function keep(request: PlanRequest): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(request));
  } catch {
    // Full or forbidden: then the draft lives as long as the page.
  }
}

/** Keeps none. */
export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** A draft that another version of the page wrote may be anything. */
function checked(kept: unknown): PlanRequest | undefined {
  const { config, files } = (kept ?? {}) as Partial<PlanRequest>;
  const isFile = ({ path, text }: { path?: unknown; text?: unknown }): boolean =>
    typeof path === "string" && typeof text === "string";
  return typeof config === "string" && Array.isArray(files) && files.every(isFile) ? (kept as PlanRequest) : undefined;
}
