// A rollout as something to paste elsewhere. The codec comes when it is needed.

import type { PlanRequest } from "../../pkg/foreshift_wasm.js";
import type { Shared } from "../share/link.js";

/** Ways to paste a link. */
export type Form = "link" | "markdown" | "embed";

/** The codec. */
export function codec(): Promise<typeof import("../share/link.js")> {
  return import("../share/link.js");
}

/** The link of this page that opens a rollout; throws a `LinkFault` where it is too large for one. */
export async function link(shared: Shared): Promise<string> {
  const { fragment } = await codec();
  return new URL(fragment(shared), page()).href;
}

/** A link in one of its forms. */
export function formed(form: Form, link: string, request: PlanRequest): string {
  const forms: Record<Form, () => string> = {
    link: () => link,
    markdown: () => markdown(link, request),
    embed: () => `<iframe src="${embed(link)}" title="Rollout plan" width="100%" height="640" loading="lazy"></iframe>`,
  };
  return forms[form]();
}

/** The texts as code blocks, so that a reader sees them without opening anything, and the link. */
function markdown(link: string, { files }: PlanRequest): string {
  const blocks = files.map(({ path, text }) => {
    const fence = "`".repeat(Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
    return `**${path || "manifests"}**\n\n${fence}yaml\n${text.trimEnd()}\n${fence}\n`;
  });
  return `${blocks.join("\n")}\n[Open this rollout in foreshift](${link})\n`;
}

/** The page that shows nothing but the plan. */
function embed(link: string): string {
  const address = new URL(link);
  const page = new URL("embed.html", address);
  page.hash = address.hash;
  return page.href.replaceAll("&", "&amp;");
}

/** This page without what stands behind its name. */
function page(): URL {
  const address = new URL(location.href);
  address.search = "";
  address.hash = "";
  return address;
}
