// What can be wrong with a link, each with what to do about it.

/** Why a link cannot be opened. */
export type FaultKind = "no-link" | "newer" | "damaged" | "too-large" | "no-request";

/** A link that cannot be opened; its message is for the reader. */
export class LinkFault extends Error {
  override name = "LinkFault";

  constructor(
    readonly kind: FaultKind,
    message: string,
  ) {
    super(message);
  }
}

/** There is no `#1=` in it. */
export function noLink(): LinkFault {
  return new LinkFault("no-link", "This is not a link to a rollout: nothing like `#1=…` stands in it.");
}

/** Its version is not known here. */
export function newer(version: string): LinkFault {
  const shown = version.slice(0, 8);
  return new LinkFault(
    "newer",
    `This link was made by a newer foreshift (format ${shown}; this page reads format 1). Reload the page to get the newest version.`,
  );
}

/** Characters are missing or were changed. */
export function damaged(how: string): LinkFault {
  return new LinkFault("damaged", `This link is damaged: ${how}. Copy it again from where it came from, to its end.`);
}

/** It holds more than a page should have to take. */
export function tooLarge(what: string): LinkFault {
  return new LinkFault("too-large", `This link is too large: ${what}. Send the files instead.`);
}

/** What it holds is no request. */
export function noRequest(what: string): LinkFault {
  return new LinkFault("no-request", `This link does not hold a rollout: ${what}.`);
}
