// Links: what is shared opens elsewhere, old links stay good, and hostile ones do no harm.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { requestOf } from "../../build/examples.js";
import { sized } from "../../bench/sized.mjs";
import { content, expect, menu, opened, ready, steps, test, watch, write } from "./page.js";

const CONFIG = requestOf("canary/reference").files.find(({ path }) => path === "deploy.yaml")?.text ?? "";
const LINKS = join(import.meta.dirname, "../../../tests/links");
const DICTIONARY = join(import.meta.dirname, "../../../crates/foreshift/src/share/dictionary-1.txt");

/** A link made without the page's own codec. */
function linked(text: string): string {
  const dictionary = Buffer.from(readFileSync(DICTIONARY, "utf8").replaceAll("\n", "\\n"));
  return `#1=${deflateRawSync(Buffer.from(text), { level: 9, dictionary }).toString("base64url")}`;
}

test("a shared link opens the same plan in another profile", async ({ page, browser, baseURL }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await expect.poll(() => steps(page)).toContain("setWeight 33");
  const share = await menu(page, "Share");
  const box = share.getByLabel("Link to this rollout and state");
  await expect(box).toHaveValue(/#1=/);
  const link = await box.inputValue();
  const other = await browser.newContext();
  const there = await other.newPage();
  const faults = watch(there, new URL(baseURL ?? "").origin);
  await opened(there, link);
  await expect.poll(() => steps(there)).toEqual(await steps(page));
  expect(await steps(there)).toContain("setWeight 33");
  expect(faults).toEqual([]);
  await other.close();
});

test("a link opens at its state, however late the planner comes, and nothing moves meanwhile", async ({ page }) => {
  await page.route("**/*.wasm", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  await page.addInitScript(() => {
    Object.assign(window, { shifts: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        (window as unknown as { shifts: number }).shifts += (entry as unknown as { value: number }).value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const hash = linked(JSON.stringify(requestOf("canary/several-targets")));
  await page.goto(`./${hash}&target=1&state=5`);
  await ready(page);
  await expect(page.locator("rollout-plan .sentence")).toContainText("State 5/");
  await expect(page.locator("rollout-plan h2")).toContainText("prod (eu)");
  expect(await page.evaluate(() => (window as unknown as { shifts: number }).shifts)).toBeLessThan(0.001);
});

test("a draft and a link without a state open at the first weight", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await page.reload();
  await ready(page);
  await expect(page.locator("rollout-plan .sentence")).toContainText("State 4/13 · setWeight 33");
  const hash = linked(JSON.stringify(requestOf("canary/every-gate")));
  await page.goto("about:blank");
  await opened(page, `./${hash}`);
  await expect(page.locator("rollout-plan .sentence")).toContainText("State 4/13 · setWeight 10");
  await page.goto(`./embed.html${hash}`);
  await expect(page.locator("rollout-plan .sentence")).toContainText("State 4/13 · setWeight 10");
});

test("the link of the reference example is short", async ({ page }) => {
  await opened(page);
  const share = await menu(page, "Share");
  const box = share.getByLabel("Link to this rollout and state");
  await expect(box).toHaveValue(/#1=/);
  expect(new URL(await box.inputValue()).hash.length).toBeLessThan(288);
});

test("a link, a Markdown block and an embed tag can be copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await opened(page);
  for (const [name, wanted] of [["Copy link", /^http:\S+#1=\S+$/], ["Copy Markdown block", /```yaml\nversion: v1[^]*\]\(http:\S+#1=\S+\)/], ["Copy embed tag", /^<iframe src="http:\S+\/embed\.html#1=[^"&]+&amp;/]] as const) {
    const share = await menu(page, "Share");
    await expect(share.getByLabel("Link to this rollout and state")).toHaveValue(/#1=/);
    await share.getByRole("button", { name }).click();
    await expect(page.getByRole("status").filter({ hasText: "clipboard" })).toBeVisible();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(wanted);
  }
});

test("no value of a Secret is in what is shared, and a reader is told before it is copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await opened(page);
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2-hunter2} # hunter2-hunter2';
  const inline = secret.split("\n").map((line) => `      ${line}\n`).join("");
  await write(page, CONFIG.replace("manifests:\n", `manifests:\n  - inline: |\n${inline}`));
  for (const name of ["Copy link", "Copy Markdown block", "Copy embed tag"]) {
    const share = await menu(page, "Share");
    await expect(share.getByRole("alert")).toContainText("Secret db is in the link with its keys");
    await share.getByRole("button", { name }).click();
    await expect(page.getByRole("status").filter({ hasText: "clipboard" })).toBeVisible();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).not.toContain("hunter2");
    const [, data = ""] = /#1=([\w-]+)/.exec(copied) ?? [];
    const dictionary = Buffer.from(readFileSync(DICTIONARY, "utf8").replaceAll("\n", "\\n"));
    const text = inflateRawSync(Buffer.from(data, "base64url"), { dictionary }).toString();
    expect(text).toContain("*** (");
    expect(text).not.toContain("hunter2");
  }
});

test("the report of a problem holds the state, its traffic, the findings and a link to it", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await opened(page);
  await page.locator(".markers button").nth(5).click();
  await (await menu(page, "Share")).getByRole("button", { name: /^Report/ }).click();
  await expect(page.getByRole("button", { name: "Open a new issue" })).toBeHidden();
  await page.getByRole("button", { name: "Copy the text" }).click();
  await expect(page.getByRole("status").filter({ hasText: "clipboard" })).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  for (const wanted of ["State 5 of target `staging`", "- reviews http-route-reviews: gc6647 10 %, cd6648 90 %", "- note[service-unknown]:"]) {
    expect(text).toContain(wanted);
  }
  const link = /http:\S+#1=\S+/.exec(text)?.[0] ?? "";
  await page.goto("about:blank");
  await opened(page, link);
  await expect(page.locator("rollout-plan .sentence")).toContainText("State 5/13 · setWeight 90");
});

test("the draft is there again after a link was looked at", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await page.evaluate((hash) => {
    location.hash = hash;
  }, linked(JSON.stringify(requestOf("canary/every-gate"))));
  await expect.poll(() => steps(page)).toContain("setWeight 60");
  expect(new URL(page.url()).hash).toMatch(/^#1=/);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 33");
  expect(new URL(page.url()).hash).toBe("");
});

test("an edit leaves the link that was opened", async ({ page }) => {
  await opened(page, `./${linked(JSON.stringify(requestOf("canary/every-gate")))}`);
  await write(page, CONFIG);
  await expect.poll(() => new URL(page.url()).hash).toBe("");
});

for (const name of readdirSync(LINKS).filter((name) => name.endsWith(".txt"))) {
  test(`an old link opens: ${name}`, async ({ page }) => {
    const link = readFileSync(join(LINKS, name), "utf8").trim();
    const wanted = JSON.parse(readFileSync(join(LINKS, name.replace(".txt", ".json")), "utf8")) as ReturnType<typeof requestOf>;
    await page.goto(`./${new URL(link).hash}`);
    await ready(page);
    await expect(page.getByRole("alert")).toHaveText("");
    const shown = await page.locator("foreshift-playground").evaluate((page) => {
      const { shared } = page as unknown as { shared: { request: unknown } };
      return shared.request as ReturnType<typeof requestOf>;
    });
    for (const file of wanted.files) {
      expect(shown.files).toContainEqual(file);
    }
    expect([shown.config, shown.target, shown.hashes, shown.first]).toEqual([wanted.config, wanted.target, wanted.hashes, wanted.first]);
  });
}

const HOSTILE: Record<string, [string, RegExp]> = {
  "a bomb": [linked(" ".repeat(300_000_000)), /too large: what it holds/],
  "a megabyte and a half of nothing": [`#1=${"A".repeat(1_500_001)}`, /too large: it has more/],
  "a newer version": ["#2=abc", /made by a newer foreshift/],
  "a link that was cut": [linked(JSON.stringify(requestOf("canary/reference"))).slice(0, 60), /is damaged/],
  "a character that no link has": ["#1=%00", /is damaged/],
  "nothing": ["#1=", /is damaged/],
  "another text": [linked("hello"), /does not hold a rollout/],
  "another object": [linked('{"config":"a","files":[],"__proto__":{}}'), /does not hold a rollout/],
  "thousands of texts": [linked(JSON.stringify({ config: "a", files: Array.from({ length: 8000 }, (_, at) => ({ path: `${at}`, text: "" })) })), /more than 500 files/],
  "texts that are none": [linked('{"config":"a","files":[{"path":1,"text":"b"}]}'), /`path` has to be text/],
};

for (const [name, [hash, message]] of Object.entries(HOSTILE)) {
  test(`a hostile link does no harm: ${name}`, async ({ page }) => {
    await page.goto(`./${hash}`);
    await expect(page.getByRole("alert")).toContainText(message);
    await ready(page);
    await expect.poll(() => steps(page)).toContain("setWeight 90");
    await write(page, CONFIG.replace("weight: 10", "weight: 33"));
    await expect.poll(() => steps(page)).toContain("setWeight 33");
  });
}

test("script in names is shown as text", async ({ page }) => {
  const script = `"><img src=x onerror="document.title='harm'"><script>document.title='harm'</script>`;
  const { files, ...request } = requestOf("canary/reference");
  const evil = JSON.stringify({
    ...request,
    files: [...files.map(({ path, text }) => ({ path, text: text.replace("application: reviews", `application: '${script}'`) })), { path: `${script}.yaml`, text: `kind: ${script}\n` }],
    hashes: [{ side: "active", hash: script, workload: script }],
  });
  await page.goto(`./${linked(evil)}`);
  await ready(page);
  await content(page).click();
  expect(await page.title()).not.toBe("harm");
  expect(await page.locator("img[src=x]").count()).toBe(0);
});

test("a link with a megabyte of text is planned or refused, and the page stays alive", async ({ page }) => {
  const { files, ...request } = requestOf("canary/reference");
  const long = { ...request, files: [...files, { path: "long.yaml", text: "# a line that is long\n".repeat(40_000) }] };
  await page.goto(`./${linked(JSON.stringify(long))}`);
  await ready(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await expect.poll(() => steps(page)).toContain("setWeight 33");
});

test("a small link that asks for a plan without end is refused", async ({ page }) => {
  const { config, files, ...request } = sized(1, 3000, 3000);
  await page.goto(`./${linked(JSON.stringify({ config, files, ...request }))}`);
  await expect(page.locator("#findings")).toContainText("plan-too-large", { timeout: 20_000 });
  await ready(page);
});
