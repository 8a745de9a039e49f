// The element: what a reader sees of a computed plan, and how it is moved through.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, type Locator, type Page } from "@playwright/test";

import { sized } from "../bench/sized.mjs";
import type { Document } from "../pkg/foreshift_wasm.js";
import { CASES, document, embedded, open, planned, test } from "./plans.js";

const REFERENCE = document("canary/reference");

test("every state shows the numbers and the lines that the terminal prints", async ({ page }) => {
  const faults = await open(page, embedded(REFERENCE));
  const { shares, lines } = printed("canary/reference");
  expect(shares.size).toBe(14);
  for (const [state, share] of shares) {
    await marker(page, state).click();
    await expect(page.locator(".sentence")).toContainText(`State ${state}/13 · `);
    const canary = page.locator(".routes .share", { hasText: "cd6648" });
    await (share === "0 %" ? expect(canary).toHaveCount(0) : expect(canary).toHaveText(`cd6648 ${share}`));
    const shown = await page.locator("pre .added, pre .removed").allTextContents();
    expect(shown.map((line) => line.replace("−", "-").trimEnd())).toEqual(lines.get(state) ?? []);
  }
  expect(faults).toEqual([]);
});

/** The new version's share and the changed lines of each state in a case's `plan.txt`. */
function printed(name: string): { shares: Map<number, string>; lines: Map<number, string[]> } {
  const shares = new Map<number, string>();
  const lines = new Map<number, string[]>();
  let state = 0;
  for (const line of readFileSync(join(CASES, name, "plan.txt"), "utf8").split("\n")) {
    const row = /^ +(\d+)  \S.*[█░] +(\d+ %)/.exec(line);
    const changed = /^ +(\d+) ([-+] .*)$/.exec(line);
    if (row) {
      shares.set(Number(row[1]), row[2]!);
    } else if (changed) {
      lines.set(state, [...(lines.get(state) ?? []), `${changed[1]}${changed[2]}`]);
    }
    state = Number(/^── (\d+)  /.exec(line)?.[1] ?? state);
  }
  return { shares, lines };
}

test("the slider, the markers and the keys move one cursor", async ({ page }) => {
  await open(page, embedded(REFERENCE));
  const plan = page.locator("rollout-plan");
  const slider = page.getByRole("slider");
  await page.evaluate(() => {
    const moves: unknown[] = [];
    Object.assign(window, { moves });
    window.document.addEventListener("state-change", (event) => moves.push((event as CustomEvent).detail.state));
  });
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await expect(plan).toHaveAttribute("state", "1");
  await page.keyboard.press("End");
  await expect(plan).toHaveAttribute("state", "13");
  await slider.fill("5");
  await expect(slider).toHaveAttribute("aria-valuetext", "State 5/13 · setWeight 90 · waits for approval · then 100 · way back from here: 4 writes");
  await marker(page, 4).click();
  await expect(marker(page, 4)).toHaveAttribute("aria-current", "step");
  await page.keyboard.press("ArrowLeft");
  await expect(marker(page, 3)).toBeFocused();
  await page.keyboard.press("Home");
  await expect(plan).toHaveAttribute("state", "0");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("End");
  await expect(marker(page, 13)).toBeFocused();
  await expect.poll(() => page.evaluate(() => (window as unknown as { moves: number[] }).moves)).toEqual([1, 13, 5, 4, 3, 0, 0, 13]);
});

test("a reader with keys alone comes everywhere", async ({ page }) => {
  await open(page, embedded(document("canary/several-targets")));
  const reached = new Set<string>();
  for (let press = 0; press < 30; press += 1) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const focused = window.document.querySelector("rollout-plan")?.shadowRoot?.activeElement;
      return focused ? (focused.getAttribute("aria-label") ?? focused.textContent?.trim() ?? "") : "";
    });
    reached.add(name.replace(/\s+/g, " "));
  }
  const all = [...reached].join(" | ");
  for (const wanted of ["staging", "prod", "State 0, as it is", "State", "Traffic", "Text", "changed", "whole", "since the start", "The way back", "The laws", "All 13 states"]) {
    expect(all).toContain(wanted);
  }
});

test("texts are shown changed, whole, and since the start", async ({ page }) => {
  await open(page, embedded(REFERENCE, 'state="5"'));
  await expect(page.locator("pre .removed")).toHaveCount(2);
  await expect(page.locator(".path")).toHaveText("spec.http[0].route");
  await page.getByRole("button", { name: "since the start" }).click();
  await expect(page.locator("pre .removed")).toHaveCount(0);
  await expect(page.locator("pre .added")).toHaveCount(5);
  await page.getByRole("button", { name: "whole" }).click();
  await expect(page.locator("rollout-plan")).toHaveAttribute("view", "whole");
  await expect(page.locator("details[open] pre .kept").first()).toContainText("apiVersion");
  // The last write of the rule gives it the user's own text again.
  await marker(page, 13).click();
  await page.getByRole("button", { name: "since the start" }).click();
  await expect(page.locator(".panels")).toContainText("as it was at the start");
});

test("the images that change stand beside the revisions, with their containers where one has to ask", async ({ page }) => {
  await open(page, embedded(REFERENCE));
  await expect(page.locator("header .image")).toHaveText("image: registry.example/reviews:2.0.0");
  const live = { current: ["live.yaml"] };
  await open(page, embedded(document("canary/image-of-an-init-container", live)));
  await expect(page.locator("header .image")).toHaveText("image of migrate: registry.example/migrate:7 → registry.example/migrate:8");
  await open(page, embedded(document("canary/images-of-several-containers", live)));
  await expect(page.locator("header .image")).toHaveText([
    "image of migrate: registry.example/migrate:7 → registry.example/migrate:8",
    "image of reviews: registry.example/reviews:1 → registry.example/reviews:2",
    "image of audit: registry.example/audit:1",
    "image of cache: registry.example/cache:2 goes",
  ]);
});

test("several targets and several routes stand apart", async ({ page }) => {
  await open(page, embedded(document("canary/several-targets"), 'target="prod-us"'));
  const names = document("canary/several-targets").targets.map(({ name }) => name);
  await expect(page.getByRole("group", { name: "Target" }).getByRole("button")).toHaveText(names);
  await page.getByRole("button", { name: names[1]!, exact: true }).click();
  await expect(page.locator("rollout-plan")).toHaveAttribute("target", names[1]!);
  await expect(page.locator("header")).toContainText(`reviews → ${names[1]}`);
  await open(page, embedded(document("canary/several-routes-of-one-virtual-service"), 'state="4"'));
  await expect(page.locator(".lane")).toHaveCount(2);
  await expect(page.locator(".routes h4")).toHaveText([/^api/, /^health/, /^web/]);
});

test("however many targets there are, the chart is in sight", async ({ page }) => {
  const plan = document("canary/reference");
  const [target] = plan.targets;
  plan.targets = Array.from({ length: 32 }, (_, index) => ({ ...target!, name: `region-${index}-production` }));
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, embedded(plan));
  await expect(page.locator(".markers")).toBeInViewport({ ratio: 1 });
  const last = page.getByRole("button", { name: "region-31-production" });
  await last.focus();
  await expect(last).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "region-31-production" })).toBeVisible();
});

test("a large plan shows every lane by its name, its markers, and its Deployments on demand", async ({ page }) => {
  await open(page, embedded(planned(sized(12, 3)), 'state="70"'));
  await expect(page.locator(".lane")).toHaveCount(12);
  await expect(page.locator(".lane > bdi").nth(7)).toHaveText("svc7 main");
  await expect(page.locator(".lane > bdi").nth(7)).toBeInViewport();
  await expect(page.locator(".markers [aria-current]")).toBeInViewport();
  const inside = await page.locator(".scroller").evaluate((scroller) => {
    const frame = scroller.getBoundingClientRect();
    const isIn = (selector: string) => {
      const box = scroller.querySelector(selector)!.getBoundingClientRect();
      return box.top >= frame.top && box.bottom <= frame.bottom;
    };
    const heights = Array.from(scroller.querySelectorAll(".lane"), (lane) => lane.getBoundingClientRect().height);
    return { marker: isIn(".markers [aria-current]"), written: isIn(".lane[data-written]"), lowest: Math.min(...heights) };
  });
  expect(inside).toEqual({ marker: true, written: true, lowest: expect.any(Number) });
  expect(inside.lowest).toBeGreaterThan(24);
  expect((await page.locator("header").boundingBox())!.height).toBeLessThan(60);
  await expect(page.locator(".hashes").first()).toBeHidden();
  await page.getByText("12 Deployments").click();
  await expect(page.locator(".hashes").nth(11)).toBeVisible();
  await expect(page.locator("tbody tr")).toHaveCount(0);
  await page.getByText(/^All \d+ states/).click();
  await expect(page.locator("tbody tr")).toHaveCount(await page.locator(".markers button").count());
});

test("the start says that nothing is written, and shows what is there", async ({ page }) => {
  await open(page, embedded(REFERENCE));
  await expect(page.locator(".sentence")).toHaveText("State 0/13 · as it is · then pauseDeployment");
  await expect(page.locator(".panels")).toContainText("Nothing yet.");
  await expect(page.locator(".panels pre")).toContainText(["kind: DestinationRule", "kind: VirtualService"]);
  await expect(page.getByText("The way back from here: nothing")).toBeVisible();
});

test("the first deployment has no canary, and findings alone no plan", async ({ page }) => {
  await open(page, embedded(document("canary/first-deployment", { first: true, hashes: [] })));
  await expect(page.locator(".sentence")).toContainText("State 0/");
  const refused = document("refused/config-fields");
  await open(page, embedded(refused));
  await expect(page.locator(".steps")).toHaveCount(0);
  await expect(page.locator(".findings li")).toHaveCount(refused.diagnostics.length);
  await expect(page.locator(".findings")).toBeVisible();
  await expect(page.locator(".findings")).toContainText(refused.diagnostics.find(({ help }) => help)!.help!.replaceAll("`", ""));
});

test("the way back is walked state by state", async ({ page }) => {
  await open(page, embedded(REFERENCE, 'state="5"'));
  await page.getByText("The way back from here: 4 writes").click();
  const steps = page.locator(".way button");
  await expect(steps).toHaveText(["restoreVirtualService", "deleteReplicaSet", "restoreDestinationRule", "resumeDeployment"]);
  await steps.first().click();
  await expect(page.locator(".sentence")).toContainText("Way back 1/4, from state 5 · restoreVirtualService");
  await expect(page.locator(".routes .share")).toHaveText(["gc6647 100 %"]);
  await steps.nth(1).click();
  await expect(page.locator(".panels")).toContainText("ReplicaSet reviews-cd6648 (removed)");
  await marker(page, 8).click();
  await expect(page.locator(".sentence")).toContainText("no way back any more");
});

test("laws, the table, gates and mirrors are told", async ({ page }) => {
  await open(page, embedded(document("canary/every-gate"), 'state="4"'));
  await expect(page.locator(".sentence")).toContainText("waits for approval by lead or sre (1 h), then analysis of errors, latency (3 × 30 s)");
  await page.getByText("The laws:").click();
  await expect(page.locator(".laws .holds").first()).toBeVisible();
  await expect(page.locator(".laws .holds")).toContainText(["law 3", "law 5", "law 6", "law 7", "law 8"]);
  await page.getByText("All 14 states").click();
  await expect(page.locator("tbody tr")).toHaveCount(14);
  await page.locator("tbody tr").nth(5).getByRole("button").click();
  await expect(page.locator("rollout-plan")).toHaveAttribute("state", "5");
  await page.getByRole("button", { name: "equal widths" }).click();
  await open(page, embedded(document("warned/leak-mirror-without-a-subset"), 'state="3"'));
  await expect(page.locator(".mirrors")).toContainText("cd6648 25 %");
});

test("no character turns the text around it", async ({ page }) => {
  const turned = structuredClone(REFERENCE);
  const [target] = turned.targets;
  for (const object of target!.states[0]!.objects) {
    object.text = object.text!.replace("name: reviews", "name: reviews # \u202e001 :thgiew\u2069");
  }
  await open(page, embedded(turned, 'state="0" view="whole"'));
  await expect(page.locator("pre").first()).toContainText("# \ufffd001 :thgiew\ufffd");
});

test("nobody answers in red and in words", async ({ page }) => {
  const broken = structuredClone(REFERENCE);
  broken.targets[0]!.states[4]!.traffic[0]!.shares = [{ error: "UH", percent: 100, exact: [100, 1] }];
  await open(page, embedded(broken, 'state="4"'));
  await expect(page.locator(".routes .share")).toHaveText(["503 UH 100 %"]);
  await expect(marker(page, 4)).toHaveAttribute("data-broken", "");
  await expect(marker(page, 4)).toHaveAccessibleName(/with 503/);
});

test("a share is near a number only where it is no such number", async ({ page }) => {
  const small = structuredClone(REFERENCE);
  small.targets[0]!.states[4]!.traffic[0]!.shares = [
    { revision: "cd6648", percent: 0.57, exact: [57, 100] },
    { revision: "gc6647", percent: 99.43, exact: [9943, 100] },
    { destination: "other", percent: 100 / 3, exact: [100, 3] },
  ];
  await open(page, embedded(small, 'state="4"'));
  await expect(page.locator(".routes .share b")).toHaveText(["0.57 %", "99.43 %", "≈33.33 %"]);
});

test("another address is another plan, or says why there is none; the newest counts", async ({ page }) => {
  await page.route("**/slow.json", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.fulfill({ json: { ...REFERENCE, application: "slow" } });
  });
  await page.route("**/fast.json", (route) => route.fulfill({ json: { ...REFERENCE, application: "fast" } }));
  await open(page, "<rollout-plan></rollout-plan>");
  const plan = page.locator("rollout-plan");
  await plan.evaluate((plan) => plan.setAttribute("src", "/fast.json"));
  await expect(page.locator("header h2")).toContainText("fast");
  await plan.evaluate((plan) => plan.setAttribute("src", "/none.json"));
  await expect(page.getByRole("alert")).toContainText("none.json: 404");
  await plan.evaluate((plan) => {
    plan.setAttribute("src", "/slow.json");
    plan.setAttribute("src", "/fast.json");
  });
  await expect(page.locator("header h2")).toContainText("fast");
  await page.waitForTimeout(500);
  await expect(page.locator("header h2")).toContainText("fast");
});

test("another state leaves the way back that was looked at", async ({ page }) => {
  const faults = await open(page, embedded(REFERENCE, 'state="5"'));
  await page.getByText("The way back from here: 4 writes").click();
  await page.locator(".way button").nth(3).click();
  await expect(page.locator(".sentence")).toContainText("Way back 4/4, from state 5");
  for (const state of ["2", "0", "13"]) {
    await page.locator("rollout-plan").evaluate((plan, state) => plan.setAttribute("state", state), state);
    await expect(page.locator(".sentence")).toContainText(`State ${state}/13`);
  }
  expect(faults).toEqual([]);
});

test("a page that is read from the right has YAML, and old before new, from the left", async ({ page }) => {
  await open(page, `<div dir="rtl">${embedded(REFERENCE, 'state="4"')}</div>`);
  await expect(page.locator("pre")).toHaveCSS("direction", "ltr");
  const [active, canary] = await Promise.all([".hashes .stable", ".hashes .canary"].map((part) => page.locator(part).boundingBox()));
  expect(active!.x).toBeLessThan(canary!.x);
});

test("names of others are text, however they look", async ({ page }) => {
  const hostile = ['<img src=x onerror="document.title=1">', "a".repeat(4000), "\u202eexe.txt", "</script><script>document.title=1</script>"];
  for (const name of hostile) {
    const text = JSON.stringify(REFERENCE).replaceAll(/"(reviews|cd6648|http-route-reviews|staging)"/g, () => JSON.stringify(name));
    const faults = await open(page, embedded(JSON.parse(text) as Document, 'state="4"'));
    await expect(page.locator("header h2")).toContainText(name);
    await expect(page.locator("rollout-plan img")).toHaveCount(0);
    expect(await page.title()).toBe("A plan");
    expect(await overflow(page)).toBe(0);
    const svg = await page.evaluate(() => (window.document.querySelector("rollout-plan") as unknown as { storyboard(): Promise<string> }).storyboard());
    const parsed = await page.evaluate((svg) => {
      const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
      return { faults: parsed.querySelectorAll("parsererror, script, img").length, bars: parsed.querySelectorAll("rect").length };
    }, svg);
    expect(parsed.faults).toBe(0);
    expect(parsed.bars).toBeGreaterThan(14);
    expect(faults).toEqual([]);
  }
});

test("on paper every state is a picture", async ({ page }) => {
  await open(page, embedded(REFERENCE));
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await expect(page.locator(".story li")).toHaveCount(14);
  await expect(page.locator(".story")).toBeVisible();
  await expect(page.locator(".panels")).toBeHidden();
  // Dark pages are printed on white paper too.
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.locator(".frame")).toHaveCSS("background-color", "rgb(255, 255, 255)");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await expect(page.locator(".story")).toHaveCount(0);
});

test("nothing moves while it comes or is moved through", async ({ page }) => {
  for (const width of [360, 1200]) {
    await page.setViewportSize({ width, height: 900 });
    await page.addInitScript(() => {
      Object.assign(window, { shifts: 0 });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as unknown as { value: number; hadRecentInput: boolean };
          (window as unknown as { shifts: number }).shifts += hadRecentInput ? 0 : value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await open(page, `${embedded(REFERENCE)}<p>What stands below.</p>`);
    await expect(page.locator(".sentence")).toBeVisible();
    const below = page.getByText("What stands below.");
    const heights = new Set<number | undefined>();
    await page.getByRole("slider").focus();
    for (let state = 0; state < 14; state += 1) {
      await page.keyboard.press("ArrowRight");
      heights.add((await below.boundingBox())?.y);
    }
    await page.waitForTimeout(100);
    expect(await page.evaluate(() => (window as unknown as { shifts: number }).shifts)).toBe(0);
    expect(heights.size).toBe(1);
  }
});

test("a phone needs no scrolling sideways", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 700 });
  for (const name of ["canary/reference", "canary/every-gate", "canary/several-targets", "refused/config-fields"]) {
    await open(page, embedded(document(name), 'state="2" view="whole"'));
    await openAll(page);
    expect(await overflow(page)).toBe(0);
  }
});

test("an address, a made root and a fault are handled", async ({ page }) => {
  await page.route("**/plan.json", (route) => route.fulfill({ json: REFERENCE }));
  await open(page, '<rollout-plan src="/plan.json" state="3"></rollout-plan>');
  await expect(page.locator(".sentence")).toContainText("State 3/13");
  await open(page, '<rollout-plan src="/nothing.json"></rollout-plan>');
  await expect(page.getByRole("alert")).toContainText("/nothing.json: 404");
  await open(page, '<rollout-plan><template shadowrootmode="open"><p>made before</p></template></rollout-plan>');
  await page.waitForFunction(() => customElements.get("rollout-plan"));
  await expect(page.getByText("made before")).toBeVisible();
  const made = embedded(REFERENCE).replace("<script", '<template shadowrootmode="open"><p>made before</p></template><script');
  await open(page, made);
  await expect(page.locator(".sentence")).toBeVisible();
  await expect(page.getByText("made before")).toHaveCount(0);
});

function marker(page: Page, state: number): Locator {
  return page.locator(".markers button").nth(state);
}

/** Opens every part that can be opened. */
async function openAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    const parts = window.document.querySelector("rollout-plan")!.shadowRoot!.querySelectorAll("details");
    parts.forEach((part) => (part.open = true));
  });
}

/** By how much the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => window.document.documentElement.scrollWidth - window.innerWidth);
}
