// For everybody: every view in light and dark, at a phone's width, with the keyboard alone.

import { devices, type Page } from "@playwright/test";
import { content, expect, menu, opened, planned, steps, test, violations, write } from "./page.js";

const VIEWS: Record<string, (page: Page) => Promise<unknown>> = {
  "the first view": async () => {},
  "findings": (page) => write(page, "nonsense: true\n"),
  "what is known": (page) => page.getByRole("tab", { name: "hashes" }).click(),
  "a lone text": async (page) => {
    await page.getByRole("button", { name: "+ manifest" }).click();
    await page.getByLabel("Path").fill("");
    await page.getByLabel("Path").press("Enter");
  },
  "the examples": async (page) => (await menu(page, "Examples")).getByRole("button").first().waitFor(),
  "sharing": (page) => menu(page, "Share"),
  "downloads": (page) => menu(page, "Download"),
  "a report": async (page) => (await menu(page, "Share")).getByRole("button", { name: /^Report/ }).click(),
  "a notice": async (page) => (await menu(page, "Examples")).getByRole("button", { name: "Two workloads" }).click(),
  "the search": async (page) => {
    await content(page).click();
    await page.keyboard.press("ControlOrMeta+F");
  },
};

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const [name, show] of Object.entries(VIEWS)) {
      test(`axe finds nothing: ${name}`, async ({ page }) => {
        await opened(page);
        await show(page);
        expect(await violations(page)).toEqual([]);
      });
    }
  });
}

for (const reducedMotion of ["reduce", "no-preference"] as const) {
  test(`nothing moves of itself: ${reducedMotion}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion });
    await opened(page);
    const moving = await page.evaluate(() => {
      const all = (root: Document | ShadowRoot): Element[] =>
        [...root.querySelectorAll("*")].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
      const moves = (element: Element): boolean => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return transitionDuration !== "0s" || animationName !== "none";
      };
      return all(document).filter(moves).map(({ className }) => String(className));
    });
    expect(moving.filter((name) => !name.startsWith("cm-"))).toEqual([]);
  });
}

test.describe("phone", () => {
  const { defaultBrowserType: _, ...phone } = devices["iPhone 13"];
  test.use({ ...phone });

  test("axe finds nothing, and nothing is wider than the screen", async ({ page }) => {
    await planned(page);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("link", { name: "Inputs" }).click();
    await expect(content(page)).toBeVisible();
    expect(await violations(page)).toEqual([]);
    for (const name of ["Examples", "Share", "Download"]) {
      await menu(page, name);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });

  test("the plan comes first, and the jumps lead to the inputs", async ({ page }) => {
    await planned(page);
    await expect(page.locator("rollout-plan")).toBeInViewport();
    await page.getByRole("link", { name: "Inputs" }).click();
    await expect(page.getByRole("tab", { name: "deploy.yaml" })).toBeInViewport();
  });

  test("the better editor is loaded for those who look at the texts", async ({ page }) => {
    const loaded: string[] = [];
    page.on("request", (request) => request.url().includes("/codemirror-") && loaded.push(request.url()));
    await planned(page);
    await page.waitForFunction(() => navigator.serviceWorker.ready);
    expect(loaded).toEqual([]);
    await expect(page.locator("text-editor textarea")).toHaveCount(1);
    await page.getByRole("link", { name: "Inputs" }).click();
    await expect(content(page)).toBeVisible();
    expect(loaded).toHaveLength(1);
    await write(page, "nonsense: true\n");
    await expect(page.getByRole("heading", { name: /error/ })).toBeVisible();
  });

  test("each line stands beside its number", async ({ page }) => {
    await planned(page);
    await page.getByRole("link", { name: "Inputs" }).click();
    await expect(content(page)).toBeVisible();
    const top = (selector: string) => page.locator(selector).nth(9).evaluate((line) => Math.round(line.getBoundingClientRect().top));
    await expect.poll(async () => (await top("text-editor .cm-line")) - (await top("text-editor .cm-lineNumbers .cm-gutterElement:not([style*=hidden])"))).toBe(0);
  });
});

test("the keyboard reaches everything and is caught nowhere", async ({ page }) => {
  await opened(page);
  const seen: string[] = [];
  for (let press = 0; press < 80; press += 1) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) {
        element = element.shadowRoot.activeElement;
      }
      return element === document.body ? "body" : (element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "");
    });
    if (name === "body" || (seen.length > 0 && name === seen[0])) {
      break;
    }
    seen.push(name);
  }
  for (const wanted of [/^Examples/, /^Share/, /^Download/, /^Colours/, /deploy\.yaml/, /^\+ manifest/, /^\+ current/]) {
    expect(seen.some((name) => wanted.test(name))).toBe(true);
  }
});

test("an example is opened with the keyboard alone", async ({ page }) => {
  await opened(page);
  await page.locator("summary", { hasText: "Examples" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Every kind of gate" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => steps(page)).toContain("setWeight 60");
});

test("arrow keys go from tab to tab, and Escape closes a menu", async ({ page }) => {
  await opened(page);
  await page.getByRole("tab", { name: "deploy.yaml" }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("tab", { name: "hashes" })).toBeFocused();
  await page.keyboard.press("Home");
  await expect(page.getByRole("tab", { name: "deploy.yaml" })).toBeFocused();
  const share = await menu(page, "Share");
  await page.keyboard.press("Escape");
  await expect(share).not.toHaveAttribute("open");
});

test("the colours follow the system until somebody chooses", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await opened(page);
  const scheme = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await scheme();
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(scheme).not.toBe(dark);
  await page.getByRole("button", { name: "Colours: as the system" }).click();
  await page.getByRole("button", { name: "Colours: light" }).click();
  await expect.poll(scheme).toBe(dark);
  await page.reload();
  await expect.poll(scheme).toBe(dark);
});
