// Lighthouse's figures: `node bench/lighthouse.mjs [FILTER]`, once `cargo xtask site` has built the page. Ends with 1 where one is
// below its aim, and says which audits took it down. npx fetches Lighthouse the first time.
//
// Its phone is a slow one: 1.6 Mbit/s, 150 ms, a quarter of the processor, as in `page.mjs`.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "./compressed.mjs";

/** The newest that runs on the oldest Node.js that the page is built with. */
const LIGHTHOUSE = "lighthouse@12.8.2";
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const SWITCHES = "--headless=new --no-sandbox --disable-gpu";
/** One run more or less lucky than the others decides nothing. */
const RUNS = 3;

const LINK = readFileSync(join(import.meta.dirname, "../../tests/links/every-member.txt"), "utf8").trim();
const PAGES = { "the playground": "", "a link": new URL(LINK).hash, "a frame": `embed.html${new URL(LINK).hash}` };
const DEVICES = { desktop: { options: ["--preset=desktop"], aim: 100 }, phone: { options: [], aim: 95 } };

const folder = mkdtempSync(join(tmpdir(), "foreshift-lighthouse-"));
const { server, address } = await serve(join(import.meta.dirname, "../dist/site"));
try {
  console.log(`${"".padEnd(26)}${CATEGORIES.map((name) => name.padStart(16)).join("")}${"aim".padStart(6)}`);
  for (const [device, { options, aim }] of Object.entries(DEVICES)) {
    for (const [page, path] of Object.entries(PAGES)) {
      if (!`${page}, ${device}`.includes(process.argv[2] ?? "")) {
        continue;
      }
      const reports = [];
      for (let run = 0; run < RUNS; run += 1) {
        reports.push(await report(address + path, options));
      }
      judge(`${page}, ${device}`, middle(reports), aim);
    }
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** What Lighthouse says of a page. */
async function report(address, options) {
  const file = join(folder, "report.json");
  const output = ["--output=json", `--output-path=${file}`, "--quiet", `--only-categories=${CATEGORIES}`];
  const lighthouse = ["--yes", LIGHTHOUSE, address, ...output, `--chrome-flags=${SWITCHES}`, ...options];
  const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? "/usr/bin/chromium" };
  const child = spawn("npx", lighthouse, { env, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
  const [code] = await once(child, "exit");
  if (code !== 0) {
    throw new Error(`Lighthouse ended with ${code} at ${address}`);
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The report of the middle performance. */
function middle(reports) {
  const sorted = reports.toSorted((left, right) => left.categories.performance.score - right.categories.performance.score);
  return sorted[Math.floor(sorted.length / 2)];
}

function judge(what, { categories, audits }, aim) {
  const scores = CATEGORIES.map((name) => Math.round(categories[name].score * 100));
  console.log(`${what.padEnd(26)}${scores.map((score) => String(score).padStart(16)).join("")}${String(aim).padStart(6)}`);
  const paints = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index"];
  console.log(`${"".padEnd(28)}${paints.map((id) => `${audits[id].title} ${audits[id].displayValue}`).join(", ")}`);
  if (scores.some((score) => score < aim)) {
    process.exitCode = 1;
  }
  for (const { title, displayValue } of lost(categories, audits)) {
    console.log(`${"".padEnd(28)}– ${title}${displayValue ? `: ${displayValue}` : ""}`);
  }
}

/** The audits that cost points. */
function lost(categories, audits) {
  const counted = CATEGORIES.flatMap((name) => categories[name].auditRefs.filter(({ weight }) => weight > 0));
  return [...new Set(counted.map(({ id }) => id))].map((id) => audits[id]).filter(({ score }) => score !== null && score < 0.9);
}
