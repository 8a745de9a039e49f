// Weighs what a page loads, as a server compresses it: `node budgets.mjs`. Ends with 1 where something is too heavy.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/**
 * What is weighed: every file of `dist` that one of the patterns matches, and what those load before they run, whatever its
 * name. A `budget` guards against accidents, such as a dependency that is larger than it looked; it is no aim. `packed` is how
 * a server compresses: brotli at its best where nothing else is said.
 */
const ROWS = [
  { what: "viewer with a computed plan", files: [/^package\/rollout-plan\.js$/], budget: 16_000 },
  { what: "viewer, storyboard as a file", files: [/^package\/picture\.js$/], budget: 16_000 },
  {
    what: "embed that plans in the page",
    files: [/^package\/rollout-plan\.js$/, /^package\/(live|foreshift_wasm\.|foreshift_wasm_packed)/],
    budget: 430_000,
  },
  {
    what: "playground, first plan painted",
    files: [/^site\/index\.html$/],
    budget: 50_000,
  },
  {
    what: "playground, planner included",
    files: [/^site\/index\.html$/, /^site\/assets\/foreshift_wasm/],
    budget: 450_000,
  },
  {
    what: "playground, everything",
    files: [/^site\/(?!embed|sw)[^/]+\.\w+$/, /^site\/assets\/(?!embed|main)/],
    budget: 600_000,
  },
  {
    what: "everything, as gzip",
    files: [/^site\/(?!embed|sw)[^/]+\.\w+$/, /^site\/assets\/(?!embed|main)/],
    budget: 700_000,
    packed: (bytes) => gzipSync(bytes, { level: 9 }),
  },
];

const dist = join(import.meta.dirname, "dist");
const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
const brotli = (bytes) => brotliCompressSync(bytes, { params });
// Without the copies that a web host is given.
const built = readdirSync(dist, { recursive: true })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !/\.(br|gz)$/.test(file));

/** What a file of `built` loads before it runs: a page its scripts, styles and icon, a script what it imports. */
const needs = (file) => {
  const named = file.endsWith(".html")
    ? /(?:src|href)="(\.[^"]+\.(?:js|css|svg))"/g
    : file.endsWith(".js")
      ? /\b(?:import|from)"(\.[^"]+)"/g
      : /$^/g;
  return [...readFileSync(join(dist, file), "utf8").matchAll(named)].map(([, name]) => join(dirname(file), name));
};

/** The files, and what they need, and what that needs. */
const whole = (files) => {
  const found = new Set(files);
  for (const file of found) needs(file).forEach((needed) => found.add(needed));
  return [...found];
};

console.log(`${"".padEnd(32)}${["bytes", "budget"].map((head) => head.padStart(9)).join("")}`);
const faults = ROWS.flatMap(({ what, files, budget, packed = brotli }) => {
  const missing = files.filter((wanted) => !built.some((file) => wanted.test(file)));
  const found = built.filter((file) => files.some((wanted) => wanted.test(file)));
  const bytes = whole(found).reduce((sum, file) => sum + packed(readFileSync(join(dist, file))).length, 0);
  console.log(`${what.padEnd(32)}${[bytes, budget].map((cell) => String(cell).padStart(9)).join("")}`);
  const faults = missing.map((wanted) => `${what}: no file ${wanted}`);
  return bytes > budget ? [...faults, `${what}: ${bytes - budget} bytes too many`] : faults;
});
faults.forEach((fault) => console.error(fault));
process.exitCode = faults.length > 0 ? 1 : 0;
