// The example of plain HTML: a plan drawn before, one planned in the page, and a frame that gets its height.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";

import { test } from "../plans.js";
import { printed } from "./program.js";

const example = readFileSync(join(import.meta.dirname, "../../../tests/adapters/html/index.html"), "utf8");
const [, link = ""] = printed("share", "canary/reference", "--state", "5").trim().split("#");

test("the example of plain HTML shows its plans", async ({ page }) => {
  const html = example.replace("#LINK", `#${link}`);
  await page.route("**/docs.html", (route) => route.fulfill({ body: html, contentType: "text/html" }));
  await page.goto("/docs.html");
  await page.locator("rollout-plan").scrollIntoViewIfNeeded();
  await expect(page.locator("rollout-plan").locator("header")).toContainText(" · 14 states");
  const frame = page.frameLocator("iframe");
  await expect(frame.locator("rollout-plan input[type=range]")).toHaveValue("5");
  await expect(frame.getByRole("link", { name: "Open in playground" })).toHaveAttribute("href", /#1=.*state=5$/);
  const height = async () => Number(await page.locator("iframe").getAttribute("height"));
  await expect.poll(height).toBeGreaterThan(400);
  const inside = () => frame.locator("html").evaluate((root) => (root as HTMLElement).offsetHeight);
  await expect.poll(async () => (await height()) - (await inside())).toBe(0);
});

test("a frame says what is wrong with its link", async ({ page }) => {
  await page.goto("/site/embed.html#1=AAAA");
  await expect(page.getByRole("alert")).toContainText("This link");
  await expect(page.locator("rollout-plan")).toBeHidden();
});
