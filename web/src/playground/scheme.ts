// Light or dark: the system's choice, until the reader makes another one.

export type Scheme = "system" | "light" | "dark";

const KEY = "foreshift.scheme";
const NEXT: Record<Scheme, Scheme> = { system: "light", light: "dark", dark: "system" };

/** What the reader chose. */
export function chosen(): Scheme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

/** Makes the page look so. */
export function apply(scheme: Scheme): void {
  document.documentElement.dataset["scheme"] = scheme;
}

/** The choice after this one, kept and applied. */
export function next(scheme: Scheme): Scheme {
  const following = NEXT[scheme];
  apply(following);
  try {
    localStorage.setItem(KEY, following);
  } catch {
    // Then it holds as long as the page.
  }
  return following;
}
