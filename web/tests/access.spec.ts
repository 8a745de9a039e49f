// Everybody can read it: axe finds nothing in any view, in any scheme.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

import { expect } from "@playwright/test";

import { document, embedded, open, test } from "./plans.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PLANS = ["canary/reference", "canary/every-gate", "canary/several-targets", "warned/leak-mirror-without-a-subset", "refused/config-fields"];
const SCHEMES = [{ colorScheme: "light" }, { colorScheme: "dark" }, { forcedColors: "active" }] as const;

for (const scheme of SCHEMES) {
  test(`axe finds nothing: ${Object.values(scheme).join()}`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia(scheme);
    for (const name of PLANS) {
      await open(page, embedded(document(name)));
      await page.evaluate(AXE);
      for (const view of ["changed", "whole", "start"]) {
        await page.evaluate((view) => {
          const plan = window.document.querySelector("rollout-plan")!;
          plan.setAttribute("view", view);
          plan.setAttribute("state", "5");
        }, view);
        await page.evaluate(() => {
          const parts = window.document.querySelector("rollout-plan")!.shadowRoot!.querySelectorAll("details");
          parts.forEach((part) => (part.open = true));
        });
        const found = await page.evaluate(async () => {
          const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; any: { message: string }[] }[] }[] }> } }).axe.run();
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.any[0]?.message}`);
        });
        expect(found, `${name}, ${view}`).toEqual([]);
      }
    }
  });
}
