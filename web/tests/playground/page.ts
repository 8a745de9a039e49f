// The open page for the tests: nothing leaves the origin, nothing breaks the content policy, nothing is thrown.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test as base, expect, type Locator, type Page } from "@playwright/test";

interface Watched {
  page: Page;
  /** What the test itself provokes: errors of these texts are none. */
  expected: RegExp[];
}

export const test = base.extend<Watched>({
  baseURL: ({}, use) => use(`${process.env["FORESHIFT_ORIGIN"]}/site/`),
  expected: async ({}, use) => use([]),
  page: async ({ page, baseURL, expected }, use) => {
    const faults = watch(page, new URL(baseURL ?? "").origin);
    await use(page);
    expect(faults.filter((fault) => !expected.some((known) => known.test(fault)))).toEqual([]);
  },
});

export { expect };

/** Collects what must not happen on a page. */
export function watch(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["blob:", "data:"].includes(url.protocol)) {
      faults.push(`a request left the origin: ${url.href}`);
    }
  });
  page.on("pageerror", (error) => faults.push(`thrown: ${error.message}`));
  // Chromium tells of each violation of the policy on the console.
  page.on("console", (message) => {
    if (message.type() === "error") {
      faults.push(message.text());
    }
  });
  return faults;
}

/** Opens the page and waits until its plan is painted. */
export async function planned(page: Page, address = "./"): Promise<void> {
  await page.goto(address);
  await expect(page.locator("rollout-plan .sentence")).toBeVisible();
}

/** Opens the page and waits until the planner and the editor are there. */
export async function opened(page: Page, address = "./"): Promise<void> {
  await page.goto(address);
  await ready(page);
}

export async function ready(page: Page): Promise<void> {
  await expect(page.locator("rollout-plan").or(page.locator(".none")).filter({ visible: true })).toHaveCount(1);
  await expect(content(page)).toBeVisible();
}

/** The text of the better editor. */
export function content(page: Page): Locator {
  return page.locator("text-editor .cm-content");
}

/** Puts a text in the place of the one in the open tab. */
export async function write(page: Page, text: string): Promise<void> {
  await content(page).click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
}

/** Makes the first weight of the example 100 by a key, and waits for its plan. */
export async function retyped(page: Page): Promise<void> {
  await content(page).getByText("weight: 10", { exact: true }).click();
  await page.keyboard.press("End");
  await page.keyboard.type("0");
  await expect.poll(() => steps(page)).not.toContain("setWeight 10");
}

/** The whole text of the open tab, also what is scrolled out of view. */
export async function text(page: Page): Promise<string> {
  await content(page).click();
  await page.keyboard.press("ControlOrMeta+A");
  return page.evaluate(() => getSelection()?.toString() ?? "");
}

/** What the plan says of the rollout, as the core said it: the summary of the element's source, once it has one. */
export async function summary(page: Page): Promise<{ targets: { states: unknown[] }[]; diagnostics: { code: string }[] }> {
  return page.locator("rollout-plan").evaluate(async (element) => {
    const plan = element as unknown as { source?: { summary(): never } };
    while (plan.source === undefined) await new Promise(requestAnimationFrame);
    return plan.source.summary();
  });
}

/** Which steps the shown plan has. */
export async function steps(page: Page): Promise<string[]> {
  const { targets } = await summary(page);
  const states = targets.flatMap(({ states }) => states) as { step: { kind: string; weight?: number } | null }[];
  return states.map(({ step }) => (step === null ? "start" : [step.kind, step.weight].filter((part) => part !== undefined).join(" ")));
}

/** Opens a menu of the bar. */
export async function menu(page: Page, name: string): Promise<Locator> {
  const menu = page.locator("details.menu", { has: page.locator("summary", { hasText: name }) });
  await menu.locator("summary").click();
  return menu;
}

/** What axe finds, shadow roots included. */
export async function violations(page: Page): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[] }> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${JSON.stringify(target)} ${failureSummary}`));
  });
}
