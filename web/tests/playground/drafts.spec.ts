// What was written stays to be had, and whoever goes on by keys goes on where they were.

import { expect, menu, opened, retyped, steps, test, text, write } from "./page.js";
import { requestOf } from "../../build/examples.js";

const CONFIG = requestOf("canary/reference").files.find(({ path }) => path === "deploy.yaml")?.text ?? "";

test("a draft outlives an example, an edit of that, and another draft of a second tab", async ({ page, context, baseURL }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await (await menu(page, "Examples")).getByRole("button", { name: "Every kind of gate" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 60");
  await page.reload();
  await expect.poll(() => steps(page)).toContain("setWeight 33");

  const second = await context.newPage();
  await second.goto(baseURL ?? "");
  await (await menu(second, "Examples")).getByRole("button", { name: "Every kind of gate" }).click();
  await expect.poll(() => steps(second)).toContain("setWeight 60");
  await write(second, "# another draft\n");
  await second.close();

  await page.reload();
  await expect.poll(() => text(page)).toBe("# another draft\n");
  await (await menu(page, "Examples")).getByRole("button", { name: "Your draft" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 33");
});

test("a draft outlives edits of several examples", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  for (const name of ["Every kind of gate", "Two workloads"]) {
    await (await menu(page, "Examples")).getByRole("button", { name }).click();
    await write(page, `# ${name}\n`);
  }
  await (await menu(page, "Examples")).getByRole("button", { name: "Your draft before it" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 33");
});

test("where there is no room for a draft the one before stays, and the page says so once", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await (await menu(page, "Examples")).getByRole("button", { name: "Every kind of gate" }).click();
  await write(page, "# lost\n");
  await expect(page.getByRole("alert")).toContainText("no room for this draft");
  await page.keyboard.type("x");
  await expect(page.getByRole("alert")).toHaveText("");
  await page.reload();
  await expect.poll(() => steps(page)).toContain("setWeight 33");
});

test("an open menu stays as it is, whatever is drawn again", async ({ page }) => {
  await opened(page);
  const example = (await menu(page, "Examples")).getByRole("button", { name: "Two workloads" });
  await example.focus();
  await page.locator("foreshift-playground").evaluate((page) => (page as unknown as { requestUpdate(): void }).requestUpdate());
  await page.waitForTimeout(100);
  await expect(example).toBeFocused();
});

test("what is undone is looked at where it was, and a closed message leaves the keyboard at the texts", async ({ page }) => {
  await opened(page);
  const plan = page.locator("rollout-plan");
  await plan.evaluate((plan) => Object.assign(plan, { state: 9 }));
  await (await menu(page, "Examples")).getByRole("button", { name: "Two workloads" }).click();
  await expect.poll(() => plan.getAttribute("state")).not.toBe("9");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => plan.getAttribute("state")).toBe("9");
  await expect(page.getByRole("status").filter({ hasText: "As it was before." })).toBeVisible();
  await page.getByRole("button", { name: "Close this message" }).click();
  await expect(page.getByRole("tab", { name: /^deploy.yaml/ })).toBeFocused();
});

test("the focus stays at the menu whose choice was taken, and goes on beside what was removed", async ({ page }) => {
  await opened(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
  await (await menu(page, "Examples")).getByRole("button", { name: "Every kind of gate" }).click();
  await expect.poll(focused).toBe("Examples");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(focused).toBe("deploy.yaml");
  await (await menu(page, "Share")).getByRole("button", { name: /^Report/ }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect.poll(focused).toBe("Share");
  await page.getByRole("tab", { name: "virtual-service.yaml" }).click();
  await page.getByRole("button", { name: "Remove manifests/virtual-service.yaml" }).click();
  await expect.poll(focused).toMatch(/^deploy.yaml/);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(focused).toBe("virtual-service.yaml");
  await page.getByRole("tab", { name: /^hashes/ }).click();
  await page.getByRole("button", { name: "Remove gc6647" }).click();
  await expect.poll(focused).toBe("+ hash");
});

test("the report of a plan from before says what is wrong now", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await opened(page);
  await write(page, CONFIG.replace("strategy: tenth-then-most", "strategy: none"));
  await expect(page.getByText("This is the plan from before the last change")).toBeVisible();
  await (await menu(page, "Share")).getByRole("button", { name: /^Report/ }).click();
  const report = page.getByLabel("Text of the report");
  await expect(report).toHaveValue(/- error\[unknown-strategy\]:/);
  await expect(report).toHaveValue(/from before the last change/);
});

test("however many texts there are, the open one can be read", async ({ page }) => {
  await page.setViewportSize({ width: 1100, height: 800 });
  const { config, files } = requestOf("canary/reference");
  const more = Array.from({ length: 40 }, (_, at) => ({ path: `manifests/another-${at}.yaml`, text: "" }));
  await page.addInitScript((draft) => localStorage.setItem("foreshift.draft.1", JSON.stringify(draft)), { config, files: [...files, ...more] });
  await opened(page);
  await retyped(page);
  const boxes = await Promise.all([".tabs", ".inputs .path", "text-editor", "#findings"].map((part) => page.locator(part).boundingBox()));
  boxes.slice(1).forEach((box, at) => expect(box!.y).toBeGreaterThanOrEqual(boxes[at]!.y + boxes[at]!.height - 1));
  expect(boxes[2]!.height).toBeGreaterThan(150);
});
