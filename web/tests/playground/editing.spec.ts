// Typing: the plan follows, findings stand where they belong, nothing that was written is lost.

import { readFileSync } from "node:fs";
import { content, expect, menu, opened, ready, steps, summary, test, text, write } from "./page.js";
import { requestOf } from "../../build/examples.js";

const CONFIG = requestOf("canary/reference").files.find(({ path }) => path === "deploy.yaml")?.text ?? "";

test("the first paint is a plan, also where the planner cannot be loaded", async ({ page, expected }) => {
  expected.push(/Failed to load resource|net::ERR/);
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto("./");
  await expect.poll(() => steps(page)).toContain("setWeight 90");
  await expect(page.getByRole("alert").filter({ hasText: "The planner cannot be loaded" })).toBeVisible();
});

test("the plan follows each keystroke", async ({ page }) => {
  await opened(page);
  expect(await steps(page)).toContain("setWeight 10");
  await content(page).getByText("weight: 10", { exact: true }).click();
  await page.keyboard.press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("5");
  await expect.poll(() => steps(page)).toContain("setWeight 15");
});

test("three mistakes are three squiggles at their places", async ({ page }) => {
  await opened(page);
  const wrong = CONFIG.replace("weight: 10", "weight: 150").replace("account: demo", "acount: demo").replace("strategy: tenth-then-most", "strategy: none");
  await write(page, wrong);
  const squiggles = page.locator("text-editor .cm-lintRange-error");
  await expect(squiggles).toHaveText(["acount", "none", "150"]);
  await expect(page.getByRole("heading", { name: /^3 errors/ })).toBeVisible();
});

test("keys, texts and comments have their colours", async ({ page }) => {
  await opened(page);
  await write(page, `# a comment\n"quoted key": 'it''s' # behind\nplain: a#b c:d {x\n- &anchor {in: "a b", other: [1, it's]}\nblock: |\n  text: no key\n  # no comment\n\n  more\nlast: !tag "over\n  lines" \n`);
  const coloured = await page.locator("text-editor .cm-line").evaluateAll((lines) =>
    lines.map((line) => Array.from(line.querySelectorAll("span:not(:empty)"), (span) => `${getComputedStyle(span).color} ${span.textContent}`)),
  );
  const names = new Map(["--syntax-key", "--syntax-text", "--syntax-comment", "--syntax-mark"].map((name, at) => [name, "ktcm"[at]!]));
  const colours = await page.evaluate((names) => {
    const probe = document.body.appendChild(document.createElement("i"));
    return names.map((name) => {
      probe.style.setProperty("color", `var(${name})`);
      return [getComputedStyle(probe).color, name];
    });
  }, [...names.keys()]);
  const kinds = new Map(colours.map(([colour, name]) => [colour!, names.get(name!)!]));
  const read = coloured.map((spans) => spans.map((span) => span.replace(/^(rgb\([^)]*\)) /, (_, colour: string) => `${kinds.get(colour) ?? "?"}:`)).join(" "));
  expect(read.slice(0, 11)).toEqual([
    "c:# a comment",
    `k:"quoted key" m:: t:'it''s' c:# behind`,
    "k:plain m::",
    `m:- m:&anchor m:{ k:in m:: t:"a b" m:, k:other m:: m:[ m:, m:]}`,
    "k:block m:: m:|",
    "t:  text: no key",
    "t:  # no comment",
    "",
    "t:  more",
    `k:last m:: m:!tag t:"over`,
    `t:  lines"`,
  ]);
});

test("a new line stands in as far as it belongs", async ({ page }) => {
  await opened(page);
  await write(page, "");
  for (const line of ["steps:", "- name: one", "text: |", "words", "more"]) {
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
  }
  await expect.poll(() => page.locator("text-editor .cm-line").allTextContents()).toEqual(["steps:", "  - name: one", "    text: |", "      words", "      more", "      "]);
});

test("a squiggle says what is wrong and what to do", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("account: demo", "acount: demo"));
  await page.locator("text-editor .cm-lintRange-error").first().hover();
  const tooltip = page.locator("text-editor .cm-tooltip");
  await expect(tooltip.locator(".finding-message code").last()).toHaveText("acount");
  await expect(tooltip.locator(".finding-help")).not.toBeEmpty();
});

test("a finding of the list leads to its place in another tab", async ({ page }) => {
  await opened(page);
  await page.getByRole("tab", { name: "virtual-service.yaml" }).click();
  await write(page, "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: reviews\nspec:\n  hosts: [reviews]\n  htp: []\n");
  await page.getByRole("tab", { name: "deploy.yaml" }).click();
  await page.getByRole("button", { name: "manifests/virtual-service.yaml:7:3" }).first().click();
  await expect(page.getByRole("tab", { name: "virtual-service.yaml" })).toHaveAttribute("aria-selected", "true");
  await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toBe("htp");
});

test("while there is no plan the last one stays, and says that it is older", async ({ page }) => {
  await opened(page);
  await write(page, `${CONFIG}nonsense: true\n`);
  await expect(page.locator(".older")).toBeVisible();
  expect(await steps(page)).toContain("setWeight 90");
  await write(page, CONFIG);
  await expect(page.locator(".older")).toBeHidden();
});

test("texts can be added, renamed, removed, and had back", async ({ page }) => {
  await opened(page);
  await page.getByRole("button", { name: "+ manifest" }).click();
  await page.getByLabel("Path").fill("manifests/service.yaml");
  await page.getByLabel("Path").press("Enter");
  await write(page, "apiVersion: v1\nkind: Service\nmetadata:\n  name: reviews\nspec:\n  selector:\n    app: reviews\n  ports:\n    - port: 9080\n");
  await expect(page.locator("#findings")).not.toContainText("service-unknown");
  await page.getByRole("button", { name: "Remove manifests/service.yaml" }).click();
  await expect(page.locator("#findings")).toContainText("service-unknown");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.locator("#findings")).not.toContainText("service-unknown");
});

test("a path that is taken is refused", async ({ page }) => {
  await opened(page);
  await page.getByRole("button", { name: "+ manifest" }).click();
  await page.getByLabel("Path").fill("deploy.yaml");
  await page.getByLabel("Path").press("Enter");
  await expect(page.getByRole("alert")).toContainText("deploy.yaml");
  await expect(page.getByLabel("Path")).toHaveValue("manifests.yaml");
});

test("a lone text without a path stands for every manifest", async ({ page }) => {
  await opened(page);
  const { files } = requestOf("canary/reference");
  const manifests = files.filter(({ path }) => path !== "deploy.yaml");
  for (const { path } of manifests.slice(1)) {
    await page.getByRole("tab", { name: path.split("/").pop() ?? "" }).click();
    await page.getByRole("button", { name: `Remove ${path}` }).click();
  }
  await page.getByRole("tab", { name: "deployment.yaml" }).click();
  await page.getByLabel("Path").fill("");
  await page.getByLabel("Path").press("Enter");
  await write(page, manifests.map(({ text }) => text).join("---\n"));
  await expect(page.getByText("stands for every manifest that the config names")).toBeVisible();
  await expect.poll(async () => (await summary(page)).diagnostics.map(({ code }) => code)).toContain("lone-text");
  await expect.poll(() => steps(page)).toContain("setWeight 90");
});

test("what runs now and hashes reach the planner", async ({ page }) => {
  await opened(page);
  await page.getByRole("tab", { name: "hashes" }).click();
  await page.getByLabel("Hash 1", { exact: true }).fill("older1");
  await expect.poll(async () => JSON.stringify(await summary(page))).toContain("older1");
  await page.getByLabel("First deployment").check();
  await expect.poll(() => steps(page)).not.toContain("setWeight 10");
  await page.getByLabel("First deployment").uncheck();
  await page.getByRole("button", { name: "+ current" }).click();
  await write(page, "nonsense: [");
  await expect(page.getByRole("button", { name: /^current\.yaml:/ }).first()).toBeVisible();
});

test("a draft is there again after a reload", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await page.reload();
  await ready(page);
  await expect.poll(() => steps(page)).toContain("setWeight 33");
  await page.getByRole("button", { name: "Open the reference example instead" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 10");
});

test("a browser that keeps nothing still plans", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
  });
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await expect.poll(() => steps(page)).toContain("setWeight 33");
});

test("what is chosen before the planner is there waits for it, and the page says so", async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.wasm", (route) => held.then(() => route.continue()));
  await page.goto("./");
  await expect.poll(() => steps(page)).toContain("setWeight 90");
  await page.waitForTimeout(400);
  const waits = page.getByText("The planner is loading.");
  await expect(waits).toBeHidden();
  await (await menu(page, "Examples")).getByRole("button", { name: "Every kind of gate" }).click();
  await expect(waits).toBeVisible();
  await expect(page.locator(".markers button")).toHaveCount(0);
  release();
  await expect.poll(() => steps(page)).toContain("setWeight 60");
  await expect(waits).toBeHidden();
});

test("an example can be undone", async ({ page }) => {
  await opened(page);
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  const examples = await menu(page, "Examples");
  await examples.getByRole("button", { name: "Every kind of gate" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 60");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => steps(page)).toContain("setWeight 33");
  await expect.poll(() => text(page)).toContain("weight: 33");
});

test("where the editor cannot be loaded a textarea does its work", async ({ page, expected }) => {
  expected.push(/Failed to load resource|net::ERR/);
  await page.route("**/codemirror-*.js", (route) => route.abort());
  await page.goto("./");
  const area = page.locator("text-editor textarea");
  await expect(area).toHaveValue(CONFIG);
  await area.fill(CONFIG.replace("weight: 10", "weight: 33"));
  await expect.poll(() => steps(page)).toContain("setWeight 33");
});

test("what is typed before the editor is there stays, with the place of the caret", async ({ page }) => {
  let go: () => void = () => {};
  const wait = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route("**/codemirror-*.js", async (route) => {
    await wait;
    await route.continue();
  });
  await page.goto("./");
  const area = page.locator("text-editor textarea");
  await area.focus();
  await area.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(area.value.indexOf("10"), area.value.indexOf("10") + 2));
  await page.keyboard.type("3");
  go();
  await expect(content(page)).toBeVisible();
  await page.keyboard.type("4");
  await expect.poll(() => steps(page)).toContain("setWeight 34");
});

test("line breaks of Windows stay", async ({ page }) => {
  await opened(page);
  const request = JSON.stringify(requestOf("text/crlf"));
  await page.evaluate((request) => localStorage.setItem("foreshift.draft.1", request), request);
  await page.reload();
  await ready(page);
  await page.getByRole("tab", { name: "virtual-service.yaml" }).click();
  await content(page).getByText("kind: VirtualService").click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.type("# a\n");
  const kept = () => page.evaluate(() => {
    const { files } = JSON.parse(localStorage.getItem("foreshift.draft.1") ?? "{}") as { files: { path: string; text: string }[] };
    return files.find(({ path }) => path.endsWith("virtual-service.yaml"))?.text ?? "";
  });
  await expect.poll(kept).toMatch(/^# a\r\napiVersion/);
  expect(await kept()).not.toMatch(/[^\r]\n/);
});

test("a trap of the module costs one plan; the last good one stays", async ({ page, expected }) => {
  expected.push(/unreachable/);
  await page.addInitScript(() => {
    const { Instance } = WebAssembly;
    let isFirst = true;
    WebAssembly.Instance = new Proxy(Instance, {
      construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports]) {
        const instance = new target(module, imports);
        const trap = () => {
          throw new WebAssembly.RuntimeError("unreachable");
        };
        const broken = Object.entries(instance.exports).map(([name, value]) => [name, name === "plan" ? trap : value]);
        const made = isFirst ? { exports: Object.fromEntries(broken) } : instance;
        isFirst = false;
        return made;
      },
    });
  });
  await opened(page);
  await expect(page.locator(".failure")).toContainText("unreachable");
  expect(await steps(page)).toContain("setWeight 90");
  await write(page, CONFIG.replace("weight: 10", "weight: 33"));
  await expect.poll(() => steps(page)).toContain("setWeight 33");
  await expect(page.locator(".failure")).toBeHidden();
});

test("files are downloaded: a state, all of them, the storyboard", async ({ page }) => {
  await opened(page);
  for (const [name, file, holds] of [
    ["This state", "reviews-staging-04-setWeight-10.yaml", "weight: 10"],
    ["All states in one file", "reviews-staging-states.yaml", "# state 13 of 13"],
    ["All states, a file for each object", "reviews-staging-states.zip", "05-setWeight-90/VirtualService-reviews.yaml"],
    ["Storyboard", "reviews-staging-storyboard.svg", "<svg"],
  ] as const) {
    const downloads = await menu(page, "Download");
    const [download] = await Promise.all([page.waitForEvent("download"), downloads.getByRole("button", { name }).click()]);
    expect(download.suggestedFilename()).toBe(file);
    expect(readFileSync(await download.path(), "latin1")).toContain(holds);
  }
});
