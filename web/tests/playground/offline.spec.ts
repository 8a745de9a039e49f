// Offline after the first visit, and never files of two builds at once.

import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { worker } from "../../build/offline.js";
import { serve } from "../../serve.mjs";
import { expect, menu, opened, ready, retyped, steps, test, watch } from "./page.js";

test("a reload without a network shows the page with all of its parts", async ({ page, context, expected }) => {
  expected.push(/net::ERR_INTERNET_DISCONNECTED/);
  await opened(page);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  await retyped(page);
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

test("a newer build is offered once it is whole, takes over when asked, and the draft stays", async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), "foreshift-site-"));
  cpSync(join(import.meta.dirname, "../../dist/site"), folder, { recursive: true });
  const { server, address } = await serve(folder, 0);
  const page = await browser.newPage();
  const faults = watch(page, address);
  const update = () =>
    page.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration())!;
      await registration.update();
      const { installing } = registration;
      await new Promise<void>((done) => {
        installing?.addEventListener("statechange", () => done());
        installing ?? done();
      });
      return installing?.state;
    });
  await opened(page, address);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await ready(page);
  await retyped(page);

  const before = readFileSync(join(folder, "index.html"), "utf8");
  const after = before.replace("</head>", '<meta name="newer" /></head>');
  writeFileSync(join(folder, "index.html"), after);
  writeFileSync(join(folder, "sw.js"), worker(folder));
  // Half of an upload: the list of files is there before the files.
  writeFileSync(join(folder, "index.html"), before);
  expect(await update()).toBe("redundant");
  const offer = page.getByRole("button", { name: "A newer version is ready: reload" });
  await expect(offer).toBeHidden();

  writeFileSync(join(folder, "index.html"), after);
  expect(await update()).toBe("installed");
  await expect(offer).toBeVisible();
  await offer.click();
  await expect(page.locator("meta[name=newer]")).toBeAttached();
  await ready(page);
  expect(await steps(page)).not.toContain("setWeight 10");
  await expect(offer).toBeHidden();
  await expect.poll(() => page.evaluate(async () => (await caches.keys()).length)).toBe(1);
  expect(faults).toEqual([]);
  await page.close();
  server.close();
  rmSync(folder, { recursive: true });
});

test("a host that takes `.html` out of addresses is opened from what was kept, and a changed file under an old name is fetched", async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), "foreshift-site-"));
  cpSync(join(import.meta.dirname, "../../dist/site"), folder, { recursive: true });
  const { server, address } = await serve(folder, 0);
  const context = await browser.newContext();
  const page = await context.newPage();
  const redirected = createServer((request, response) => {
    if (request.url === "/index.html") {
      response.writeHead(308, { location: "/" }).end();
      return;
    }
    void fetch(address + request.url).then(async (answer) => {
      const kept = [...answer.headers].filter(([name]) => !/^(connection|keep-alive|transfer-encoding)$/.test(name));
      response.writeHead(answer.status, Object.fromEntries(kept)).end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await once(redirected.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${(redirected.address() as AddressInfo).port}/`;
  await opened(page, origin);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await context.setOffline(true);
  await page.goto(origin);
  await ready(page);
  await context.setOffline(false);

  // Another tab takes the new build; in this one the offer reloads all the same.
  const glue = readdirSync(join(folder, "assets")).find((name) => /^foreshift_wasm-.*\.js$/.test(name))!;
  writeFileSync(join(folder, "assets", glue), `${readFileSync(join(folder, "assets", glue), "utf8")}\n`);
  writeFileSync(join(folder, "sw.js"), worker(folder));
  const other = await context.newPage();
  await opened(other, origin);
  await other.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())!.update()));
  for (const tab of [other, page]) {
    const offer = tab.getByRole("button", { name: "A newer version is ready: reload" });
    await offer.click();
    await expect(offer).toBeHidden();
    await ready(tab);
  }
  await context.close();
  redirected.close();
  server.close();
  rmSync(folder, { recursive: true });
});
