// The page's figures, to be read by a person: `node bench/page.mjs`, once `cargo xtask site` has built it.
//
// Cold visits are throttled to 1.6 Mbit/s, 150 ms and a quarter of the processor, by Chromium itself. Repeated ones, typing
// and scrubbing are not, where nothing is said; the browser paints at once instead of with the screen, so that no figure
// has the wait for it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "@playwright/test";
import { serve } from "./compressed.mjs";
import { sized } from "./sized.mjs";

const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-gpu-vsync", "--disable-frame-rate-limit"];
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };
const SLOWER = 4;
const COLD_RUNS = 5;
const KEYS = 60;

const SIZES = {
  reference: [undefined, 16],
  "10 routes × 20 steps": [sized(1, 20, 10), 16],
  "50 routes × 40 steps": [sized(1, 40, 50), 50],
  "10 Services × 20 steps": [sized(10, 20)],
  "50 Services × 40 steps": [sized(50, 40)],
};
const LINK = readFileSync(join(import.meta.dirname, "../../tests/links/every-member.txt"), "utf8").trim();

const site = await serve(join(import.meta.dirname, "../dist/site"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: SWITCHES });
try {
  await visits();
  await typing();
  await peer();
} finally {
  await browser.close();
  site.server.close();
}

/** Until the first plan is painted: by a new profile, by one that opens a link, by one that was here before. */
async function visits() {
  row("first plan painted, cold", await median(() => cold(site.address, hasPlan)), "aim 1500");
  row("planner ready, cold", await median(() => cold(site.address, isLive)));
  row("first plan painted, cold, from a link", await median(() => cold(site.address + new URL(LINK).hash, hasPlan)));
  row("first plan painted, again and offline", await median(() => repeated(1)), "aim 200");
  row("first plan painted, again, offline, a quarter of the processor", await median(() => repeated(SLOWER)));
}

async function cold(address, isThere) {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await watched(context, isThere);
  await throttled(page);
  await page.goto(address);
  const time = await painted(page);
  await context.close();
  return time;
}

async function repeated(slower) {
  const context = await browser.newContext();
  const page = await watched(context, hasPlan);
  await page.goto(site.address);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await context.setOffline(true);
  await slowed(page, slower);
  await page.reload();
  const time = await painted(page);
  await context.close();
  return time;
}

/** From the key to the painted plan, and from the cursor's move to the painted state. */
async function typing() {
  for (const [name, [request, aim]] of Object.entries(SIZES)) {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    await page.addInitScript((request) => request && localStorage.setItem("foreshift.draft.1", JSON.stringify(request)), request);
    await page.goto(site.address);
    await page.locator("text-editor .cm-content").getByText("application:").click();
    await page.keyboard.press("End");
    await page.locator("rollout-plan .sentence").waitFor();
    const states = await page.locator("rollout-plan").evaluate(({ source }) => source.summary().targets[0].states.length);
    const keys = await typed(page);
    row(`key to painted plan, ${name} (${states} states)`, `${at(keys, 0.5)} p50 ${at(keys, 0.95)} p95`, aim ? `aim ${aim}` : "");
    const moves = await scrubbed(page, Math.min(states, 100));
    row(`cursor to painted state, ${name}`, `${at(moves, 0.5)} p50 ${at(moves, 0.95)} p95`, aim ? "aim 8" : "");
    await context.close();
  }
}

async function typed(page) {
  await page.evaluate(() => {
    const times = [];
    Object.assign(window, { times });
    const plan = document.querySelector("rollout-plan");
    addEventListener("keydown", ({ timeStamp }) => {
      const before = plan.source;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        // The message is handled once the frame is painted. A plan that comes later counts as endless.
        port1.onmessage = () => times.push(plan.source === before ? Infinity : performance.now() - timeStamp);
        port2.postMessage("");
      });
    }, { capture: true });
  });
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press(key % 2 === 0 ? "x" : "Backspace");
    await page.waitForFunction((count) => window.times.length === count, key + 1);
  }
  return page.evaluate(() => window.times);
}

function scrubbed(page, states) {
  return page.evaluate(async (states) => {
    const plan = document.querySelector("rollout-plan");
    const times = [];
    for (let state = 0; state < states; state += 1) {
      const start = performance.now();
      plan.state = state;
      await new Promise((resolve) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage("");
      }));
      times.push(performance.now() - start);
    }
    return times;
  }, states);
}

/** A linter's module from npm under the same throttling, from nothing to its first answer. */
async function peer() {
  const folder = dirname(createRequire(import.meta.url).resolve("@astral-sh/ruff-wasm-web/package.json"));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { server, address } = await serve(folder, {
    "/index.html": '<!doctype html><title>peer</title><script type="module" src="first.js"></script>',
    "/first.js": `import init, { Workspace, PositionEncoding } from "./ruff_wasm.js";
await init();
document.title = String(new Workspace({}, PositionEncoding.Utf16).check("import os").length);`,
  });
  row(`first answer of Ruff ${version} in a bare page, cold`, await median(() => cold(address, () => document.title === "1"), 2));
  server.close();
}

function hasPlan() {
  return document.querySelector("rollout-plan")?.shadowRoot?.querySelector(".sentence");
}

/** Whether the plan was planned in the page: the summary of a computed one is the whole document. */
function isLive() {
  const start = document.querySelector("rollout-plan")?.source?.summary().targets[0]?.states[0];
  return start !== undefined && !("objects" in start);
}

/** A page that notes when something is there for the first time. */
async function watched(context, isThere) {
  const page = await context.newPage();
  await page.addInitScript(`{
    const look = () => {
      if ((${isThere})()) {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { window.there = performance.now(); };
        port2.postMessage("");
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  }`);
  return page;
}

async function painted(page) {
  await page.waitForFunction(() => window.there !== undefined, undefined, { timeout: 120_000 });
  return page.evaluate(() => window.there);
}

async function throttled(page) {
  const session = await slowed(page, SLOWER);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", NETWORK);
}

async function slowed(page, rate) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  return session;
}

async function median(run, runs = COLD_RUNS) {
  const times = [];
  for (let left = runs; left > 0; left -= 1) {
    times.push(await run());
  }
  return at(times, 0.5);
}

function at(times, part) {
  const sorted = [...times].sort((left, right) => left - right);
  return sorted[Math.floor(part * sorted.length)].toFixed(sorted[0] < 100 ? 1 : 0);
}

function row(what, figure, aim = "") {
  console.log(`${what.padEnd(64)}${String(figure).padStart(22)} ms  ${aim}`);
}
