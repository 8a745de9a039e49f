// "Report a problem with this state": the text of an issue, written here and sent by nobody but the reader.

import type { Outcome } from "./planning.js";

/** Where issues are kept; a setting of the build (`FORESHIFT_REPOSITORY`), and there may be none. */
const REPOSITORY: string = __REPOSITORY__;

/** Browsers and servers refuse addresses that are much longer. */
const LONGEST_ADDRESS = 7000;

/** The text of an issue about what is shown. */
export function report(link: string, { plan, isOlder, findings, failure }: Outcome, target: number, state: number): string {
  const summary = plan?.summary();
  const found = findings.map(({ severity, code, message }) => `- ${severity}[${code}]: ${message}`);
  const shown = plan?.state(target, state);
  const traffic = shown?.traffic.map(({ virtualService, route, shares }) => {
    const parts = shares.map((share) => `${share.revision ?? share.destination ?? share.error} ${share.percent} %`);
    return `- ${virtualService} ${route}: ${parts.join(", ")}`;
  });
  return [
    "What I expected here:\n\n\nWhat is shown instead:\n\n",
    `State ${state} of target \`${summary?.targets[target]?.name ?? "–"}\`, step \`${JSON.stringify(shown?.step ?? null)}\``,
    ...(isOlder ? ["That plan is from before the last change to the texts; the findings and the link are from after it."] : []),
    ...section("Traffic", traffic ?? []),
    ...section("Findings", failure ? [failure, ...found] : found),
    "",
    `To see it (the link holds all texts): ${link}`,
    `foreshift ${__VERSION__}, ${navigator.userAgent}`,
  ].join("\n");
}

/** The address that opens a new issue with that text; `undefined` where nobody said where issues are kept. */
export function issue(text: string): string | undefined {
  if (!REPOSITORY) {
    return undefined;
  }
  const address = new URL(`${REPOSITORY.replace(/\/+$/, "")}/issues/new`);
  address.searchParams.set("title", "A state that is not as expected");
  address.searchParams.set("body", text);
  if (address.href.length > LONGEST_ADDRESS) {
    address.searchParams.set("body", "(paste the text here)");
  }
  return address.href;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines];
}
