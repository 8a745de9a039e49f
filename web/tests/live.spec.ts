// Elements that plan in the page: one module for all of them, and only where somebody looks.

import { expect } from "@playwright/test";

import { asked, document, embedded, live, open, test } from "./plans.js";

test("ten elements share one instance, which is loaded when one is in view", async ({ page }) => {
  const loaded: string[] = [];
  page.on("request", (request) => request.url().endsWith(".wasm") && loaded.push(request.url()));
  await page.addInitScript(() => {
    const made = { instances: 0 };
    const { Instance } = WebAssembly;
    Object.assign(window, { made });
    WebAssembly.Instance = new Proxy(Instance, {
      construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports]) {
        made.instances += 1;
        return new target(module, imports);
      },
    });
  });
  const ten = Array.from({ length: 10 }, () => live(asked("canary/reference"))).join("");
  const faults = await open(page, `<div class="above"></div>${ten}`, ".above{block-size:4000px}");
  await page.waitForTimeout(300);
  expect(loaded).toEqual([]);
  for (const plan of await page.locator("rollout-plan").all()) {
    await plan.scrollIntoViewIfNeeded();
    await expect(plan.locator(".sentence")).toContainText("State 0/13");
  }
  expect(loaded).toHaveLength(1);
  expect(await page.evaluate(() => (window as unknown as { made: { instances: number } }).made.instances)).toBe(1);
  expect(faults).toEqual([]);
});

test("a plan of the page is the computed one", async ({ page }) => {
  const computed = document("canary/reference");
  await open(page, live(asked("canary/reference")) + embedded(computed));
  const [here, before] = [page.locator("rollout-plan").first(), page.locator("rollout-plan").last()];
  await expect(here.locator(".sentence")).toBeVisible();
  const shown = (plan: typeof here, state: number) =>
    plan.evaluate(async (element, state) => {
      element.setAttribute("state", String(state));
      await (element as unknown as { updateComplete: Promise<unknown> }).updateComplete;
      return element.shadowRoot!.querySelector(".steps, .panels")!.parentElement!.textContent!.replaceAll(/\s+/g, " ");
    }, state);
  for (const { index } of computed.targets[0]!.states) {
    // The file is called otherwise in neither: findings are of the same texts.
    expect(await shown(here, index)).toBe(await shown(before, index));
  }
});

test("what is served has the policy of headers.json", async ({ request }) => {
  const response = await request.get("/package/rollout-plan.js");
  expect(response.headers()["content-security-policy"]).toContain("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
  expect((await request.get("/package/..%2f..%2fpackage.json")).status()).toBe(404);
});

test("a refused request says why, and a computed plan loads no wasm", async ({ page }) => {
  await open(page, '<rollout-plan live config="nothing.yaml"></rollout-plan>');
  await expect(page.locator(".findings li")).toContainText("nothing.yaml");
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await open(page, embedded(document("canary/reference")));
  await expect(page.locator(".sentence")).toBeVisible();
  expect(loaded.filter((path) => path.startsWith("/package/"))).toEqual(["/package/rollout-plan.js"]);
});

test("a trap costs one plan, and the next one gets a new instance", async ({ page }) => {
  await page.addInitScript(() => {
    const made = { instances: 0 };
    const { Instance } = WebAssembly;
    Object.assign(window, { made });
    WebAssembly.Instance = new Proxy(Instance, {
      construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports]) {
        const instance = new target(module, imports);
        made.instances += 1;
        const trap = () => {
          throw new WebAssembly.RuntimeError("unreachable");
        };
        const broken = Object.entries(instance.exports).map(([name, value]) => [name, name.startsWith("plan_") ? trap : value]);
        return made.instances > 1 ? instance : { exports: Object.fromEntries(broken) };
      },
    });
  });
  await open(page, live(asked("canary/reference")));
  await expect(page.getByRole("alert")).toContainText("unreachable");
  await page.evaluate((html) => window.document.querySelector("main")!.insertAdjacentHTML("beforeend", html), live(asked("canary/every-gate")));
  await expect(page.locator("rollout-plan").last().locator(".sentence")).toContainText("State 0/13");
  expect(await page.evaluate(() => (window as unknown as { made: { instances: number } }).made.instances)).toBe(2);
});

test("a module that cannot be loaded is asked for again", async ({ page }) => {
  await page.route("**/*.wasm", (route) => route.abort(), { times: 1 });
  await open(page, live(asked("canary/reference")));
  await expect(page.getByRole("alert")).toBeVisible();
  await page.evaluate((html) => window.document.querySelector("main")!.insertAdjacentHTML("beforeend", html), live(asked("canary/reference")));
  await expect(page.locator("rollout-plan").last().locator(".sentence")).toBeVisible();
});
