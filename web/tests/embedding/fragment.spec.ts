// What `foreshift render` prints, in a page without any script, under a strict policy, and with the element on top.

import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";

import { open, test } from "../plans.js";
import { printed, styleHash } from "./program.js";

const HASHES = ["--hash", "active=gc6647", "--hash", "canary=cd6648"];
const reference = printed("render", "canary/reference", "--state", "5", ...HASHES);

/** A page with nothing but fragments, that allows nothing but their style. */
async function still(page: Page, body: string, scheme = "light"): Promise<string[]> {
  const faults: string[] = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const policy = `default-src 'none'; style-src ${styleHash()}`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="${scheme}"><title>Docs</title></head><body><main><h1>Docs</h1>${body}</main></body></html>`;
  await page.route("**/still.html", (route) => route.fulfill({ body: html, contentType: "text/html", headers: { "content-security-policy": policy } }));
  await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await page.goto("/still.html");
  return faults;
}

test("a plan is read and stepped through without a script", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: process.env["FORESHIFT_ORIGIN"]! });
  const page = await context.newPage();
  const faults = await still(page, reference);
  await expect(page.getByText("State 5 of 13, setWeight 90: VirtualService reviews")).toBeVisible();
  await expect(page.getByText("gc6647 10 %, cd6648 90 %")).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByText("gc6647 90 %, cd6648 10 %")).toBeVisible();
  await expect(page.getByText("gc6647 10 %, cd6648 90 %")).toBeHidden();
  await page.getByRole("radio", { name: /^State 2 of/ }).click();
  await expect(page.locator("ins").filter({ hasText: "armory-pod-template-hash: gc6647" })).toBeVisible();
  expect(faults).toEqual([]);
  await context.close();
});

test("ten plans do not get into each other's way, nor move anything", async ({ page }) => {
  const faults = await still(page, reference.repeat(10));
  await page.getByRole("radio", { name: /^State 2 of/ }).nth(7).click();
  await expect(page.getByRole("radio", { name: /^State 5 of/, checked: true })).toHaveCount(9);
  await expect(page.getByRole("radio", { name: /^State 2 of/, checked: true })).toHaveCount(1);
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += (entry as unknown as { value: number }).value))).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 300);
      }),
  );
  expect(shift).toBe(0);
  expect(faults).toEqual([]);
});

for (const scheme of ["light", "dark"]) {
  test(`nothing is in the way of a reader, ${scheme}`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 800 });
    await still(page, reference + printed("render", "canary/two-workloads", "--state", "9"), scheme);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    // The policy forbids scripts; the checker goes around it.
    const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
    const session = await page.context().newCDPSession(page);
    const { readFileSync } = await import("node:fs");
    await session.send("Runtime.evaluate", { expression: readFileSync(source, "utf8") });
    const { result } = await session.send("Runtime.evaluate", {
      expression: "axe.run().then((found) => JSON.stringify(found.violations.map(({ id, nodes }) => [id, nodes[0].html])))",
      awaitPromise: true,
    });
    expect(JSON.parse(result.value as string)).toEqual([]);
  });
}

test("the element takes over where its script is", async ({ page }) => {
  await open(page, printed("render", "canary/reference", "--state", "5", "--page", "https://example.com/", ...HASHES));
  await expect(page.locator("rollout-plan input[type=range]")).toHaveValue("5");
  await expect(page.getByRole("radio", { name: /^State 5 of/ })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Open in playground" })).toHaveAttribute("href", /^https:\/\/example\.com\/#1=.*&state=5$/);
});

test("a storyboard is a picture that says what it shows", async ({ page }) => {
  await page.route("**/rollout.svg", (route) =>
    route.fulfill({ body: printed("render", "canary/every-gate", "-o", "svg"), contentType: "image/svg+xml" }),
  );
  await page.goto("/rollout.svg");
  const faults = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll<SVGGraphicsElement>("text")].map((text) => [text.textContent, text.getBBox()] as const);
    const { width, height } = document.documentElement.getBoundingClientRect();
    return boxes.filter(([, box]) => box.x < 0 || box.x + box.width > width || box.y + box.height > height).map(([text]) => text);
  });
  expect(faults).toEqual([]);
  await expect(page.locator("svg > title")).toHaveText(/reviews → prod/);
});
