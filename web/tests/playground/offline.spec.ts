// Offline after the first visit, and never files of two builds at once.

import { content, expect, menu, opened, ready, steps, test } from "./page.js";

test("a reload without a network shows the page with all of its parts", async ({ page, context, expected }) => {
  expected.push(/net::ERR_INTERNET_DISCONNECTED/);
  await opened(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  await content(page).getByText("weight: 10", { exact: true }).click();
  await page.keyboard.press("End");
  await page.keyboard.type("0");
  await expect.poll(() => steps(page)).not.toContain("setWeight 10");
  const examples = await menu(page, "Examples");
  await examples.getByRole("button", { name: "Every kind of gate" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 60");
  const share = await menu(page, "Share");
  await expect(share.getByLabel("Link to this rollout and state")).toHaveValue(/#1=/);
});

test("the page can be installed", async ({ page }) => {
  await opened(page);
  const manifest = await page.evaluate(async () => {
    const address = document.querySelector<HTMLLinkElement>("link[rel=manifest]")?.href ?? "";
    return (await (await fetch(address)).json()) as { icons: { src: string }[]; start_url: string };
  });
  expect(manifest.start_url).toBe("./");
  for (const { src } of manifest.icons) {
    expect((await page.request.get(src)).ok()).toBe(true);
  }
});
