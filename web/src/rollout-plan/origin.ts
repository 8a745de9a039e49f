// What an element is about: an address, a document inside of it, or texts to plan in the page.

import type { Document, PlanFile, PlanRequest } from "../../pkg/foreshift_wasm.js";
import { fromDocument, type PlanSource } from "../plan/source.js";
import { inView } from "./sight.js";

/** The plan that an element's attributes and children ask for; `undefined` where they ask for none. */
export function origin(element: HTMLElement): Promise<PlanSource> | PlanSource | undefined {
  const address = element.getAttribute("src");
  if (address) {
    return load(address);
  }
  const inside = element.querySelector('script[type="application/json"]');
  if (inside) {
    return fromDocument(JSON.parse(inside.textContent ?? "") as Document);
  }
  return element.hasAttribute("live") ? live(element) : undefined;
}

async function load(address: string): Promise<PlanSource> {
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(`${address}: ${response.status} ${response.statusText}`);
  }
  return fromDocument((await response.json()) as Document);
}

/** Plans as soon as somebody can see it. */
async function live(element: HTMLElement): Promise<PlanSource> {
  await inView(element);
  const { fromRequest } = await import("../plan/live.js");
  return fromRequest(request(element));
}

function request(element: HTMLElement): PlanRequest {
  const files = [...element.querySelectorAll<HTMLElement>('script[type="text/yaml"]')].map(
    (script): PlanFile => ({ path: script.dataset["path"] ?? "deploy.yaml", text: unindented(script.textContent ?? "") }),
  );
  const sides = (["active", "canary"] as const).filter((side) => element.hasAttribute(side));
  return {
    config: element.getAttribute("config") ?? files[0]?.path ?? "",
    files,
    hashes: sides.map((side) => ({ side, hash: element.getAttribute(side)! })),
    first: element.hasAttribute("first"),
  };
}

/** A text that stands indented in a page, from its first line on. */
function unindented(text: string): string {
  const [, indent = ""] = /^\s*\n([ \t]*)/.exec(text) ?? [];
  return text.replace(/^[ \t]*\r?\n/, "").replaceAll(new RegExp(`^${indent}`, "gm"), "");
}
