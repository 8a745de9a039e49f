// A rollout as something to paste elsewhere. The codec comes when it is needed.

import type { Masked, PlanRequest } from "../../pkg/foreshift_wasm.js";
import { masked } from "../plan/live.js";
import type { Shared } from "../share/link.js";

/** Ways to paste a link. */
export type Form = "link" | "markdown" | "embed";

/** The codec. */
export function codec(): Promise<typeof import("../share/link.js")> {
  return import("../share/link.js");
}

/** A rollout as it is given to others. */
export interface Made {
  link: string;
  /** What the link opens: no value of a Secret is in it. */
  request: PlanRequest;
  /** What was masked, for a reader; empty where nothing was. */
  warning: string;
}

/** The link of this page that opens a rollout, without what its Secrets hold; throws a `LinkFault` where it is too large. */
export async function made(shared: Shared): Promise<Made> {
  const [{ fragment }, found] = await Promise.all([codec(), masked(shared.request)]);
  const request = { ...shared.request, files: found.files };
  return { link: new URL(fragment({ ...shared, request }), page()).href, request, warning: warning(found) };
}

function warning({ secrets, hidden }: Masked): string {
  const names = secrets.map((name) => `Secret ${name} is in the link with its keys, and digests in the place of its values.`);
  const files = hidden.map((path) => `${path || "A text"} may hold a Secret and cannot be read: nothing of it is in the link.`);
  return [...names, ...files].join(" ");
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
