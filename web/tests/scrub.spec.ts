// A benchmark: how long one step of the cursor takes, from the attribute to the layout. It is for a person to judge.

import { expect, type Page } from "@playwright/test";

import { asked, document, embedded, live, open, test } from "./plans.js";

const ELEMENTS = { computed: embedded(document("canary/reference")), "planned in the page": live(asked("canary/reference")) };

for (const [what, element] of Object.entries(ELEMENTS)) {
  test(`scrub one state, ${what}`, async ({ page }) => {
    await open(page, element);
    await expect(page.locator(".sentence")).toBeVisible();
    const times = await scrub(page);
    const at = (part: number) => times[Math.floor(part * times.length)]!.toFixed(1);
    console.log(`scrub one state, ${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, aim 8 ms`);
    await expect(page.locator(".sentence")).toContainText("State 13/13");
  });
}

/** The times of ten rounds through all states, ascending. */
function scrub(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const plan = window.document.querySelector("rollout-plan")!;
    const times: number[] = [];
    for (let step = 0; step < 140; step += 1) {
      const start = performance.now();
      plan.setAttribute("state", String(step % 14));
      await Promise.resolve();
      plan.getBoundingClientRect();
      times.push(performance.now() - start);
    }
    return times.sort((left, right) => left - right);
  });
}
