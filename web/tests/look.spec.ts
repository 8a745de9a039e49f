import { test, document, embedded, open } from "./plans.js";

const PLANS = { reference: "canary/reference", routes: "canary/several-routes-of-one-virtual-service" };
for (const [name, path] of Object.entries(PLANS)) {
  for (const scheme of ["light", "dark"] as const) {
    for (const [size, width] of [["desktop", 1200], ["phone", 360]] as const) {
      test(`${name} ${scheme} ${size}`, async ({ page }) => {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: scheme });
        console.log(await open(page, embedded(document(path), 'state="3"')));
        await page.waitForTimeout(200);
        await page.screenshot({ path: `/tmp/shots/${name}-${scheme}-${size}.png`, fullPage: true });
      });
    }
  }
}
