// Plans of the test cases, made by the module in Node, and pages that show them.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { test as base, type Page } from "@playwright/test";

import { type Document, initSync, plan, type PlanRequest } from "../pkg/foreshift_wasm.js";

/** The folder of all cases. */
export const CASES = join(import.meta.dirname, "../../tests/cases");
const OUTPUTS = ["case.yaml", "plan.txt", "plan.yaml", "diagnostics.txt"];

const headers = JSON.parse(readFileSync(join(import.meta.dirname, "../headers.json"), "utf8")) as { all: Record<string, string> };

initSync({ module: readFileSync(join(import.meta.dirname, "../pkg/foreshift_wasm_bg.wasm")) });

/** A test on what was built: `/site/` and `/package/`. */
export const test = base.extend({ baseURL: ({}, use) => use(process.env["FORESHIFT_ORIGIN"]) });

/** What a case asks, with the hashes that most cases have. */
export function asked(name: string, more: Partial<PlanRequest> = {}): PlanRequest {
  const folder = join(CASES, name);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile() && !OUTPUTS.includes(relative(folder, path)))
    .map((path) => ({ path: relative(folder, path).split(sep).join("/"), text: readFileSync(path, "utf8") }));
  const hashes = [
    { side: "active" as const, hash: "gc6647" },
    { side: "canary" as const, hash: "cd6648" },
  ];
  return { config: "deploy.yaml", files, hashes, ...more };
}

/** The computed plan of a case. */
export function document(name: string, more: Partial<PlanRequest> = {}): Document {
  return planned(asked(name, more));
}

/** The computed plan of a request. */
export function planned(request: PlanRequest): Document {
  const handle = plan(request);
  const computed = handle.document();
  handle.free();
  return computed;
}

/** Text that may stand inside of a `<script>`. */
export function inScript(text: string): string {
  return text.replaceAll("<", "\\u003c");
}

/** Opens a page of our own under the real headers; what leaves the origin or breaks the policy is a fault. */
export async function open(page: Page, body: string, style = ""): Promise<string[]> {
  const faults: string[] = [];
  const origin = process.env["FORESHIFT_ORIGIN"]!;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A plan</title><link rel="stylesheet" href="/page.css"><script type="module" src="/package/rollout-plan.js"></script></head><body><main><h1>Docs</h1>${body}</main></body></html>`;
  const css = `body{margin:1rem;color-scheme:light dark;background:light-dark(#fff,#0e1013);color:light-dark(#000,#fff)}rollout-plan:not(:defined){display:block;min-block-size:69rem}@media(min-width:49rem){rollout-plan:not(:defined){min-block-size:48rem}}${style}`;
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) {
      faults.push(`left the origin: ${request.url()}`);
    }
  });
  await page.route(`${origin}/test.html`, (route) => route.fulfill({ body: html, contentType: "text/html", headers: headers.all }));
  await page.route(`${origin}/page.css`, (route) => route.fulfill({ body: css, contentType: "text/css" }));
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.goto("/test.html");
  return faults;
}

/** An element that plans in the page. */
export function live(request: PlanRequest): string {
  const hashes = (request.hashes ?? []).map(({ side, hash }) => `${side}="${hash}"`).join(" ");
  const texts = request.files.map(({ path, text }) => `<script type="text/yaml" data-path="${path}">\n${text}</script>`);
  return `<rollout-plan live config="${request.config}" ${hashes}>${texts.join("")}</rollout-plan>`;
}

/** An element with its document inside. */
export function embedded(computed: Document, attributes = ""): string {
  return `<rollout-plan ${attributes}><script type="application/json">${inScript(JSON.stringify(computed))}</script></rollout-plan>`;
}
