// Weighs what a page loads, as a server compresses it: `node budgets.mjs`. Ends with 1 where something is too heavy.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/**
 * What is weighed: every file of `dist` that one of the patterns matches. A `budget` is what may be loaded; where that is
 * more than the `aim`, it is a ratchet: it goes down with every change that saves bytes, and never up.
 */
const ROWS = [
  { what: "viewer with a computed plan", files: [/^package\/rollout-plan\.js$/], budget: 12_000 },
  { what: "its storyboard as a file", files: [/^package\/assets\/picture-/], budget: 1_500 },
  {
    what: "embed that plans in the page",
    files: [/^package\/rollout-plan\.js$/, /^package\/assets\/(live|foreshift_wasm)/],
    budget: 202_000,
    aim: 150_000,
  },
];

const dist = join(import.meta.dirname, "dist");
const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
const sizes = readdirSync(dist, { recursive: true })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => ROWS.some(({ files }) => files.some((wanted) => wanted.test(file))))
  .map((file) => ({ file, bytes: brotliCompressSync(readFileSync(join(dist, file)), { params }).length }));

console.log(`${"".padEnd(32)}${["brotli", "budget", "aim"].map((head) => head.padStart(9)).join("")}`);
const faults = ROWS.flatMap(({ what, files, budget, aim }) => {
  const missing = files.filter((wanted) => !sizes.some(({ file }) => wanted.test(file)));
  const found = sizes.filter(({ file }) => files.some((wanted) => wanted.test(file)));
  const bytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${what.padEnd(32)}${[bytes, budget, aim ?? ""].map((cell) => String(cell).padStart(9)).join("")}`);
  const faults = missing.map((wanted) => `${what}: no file ${wanted}`);
  return bytes > budget ? [...faults, `${what}: ${bytes - budget} bytes too many`] : faults;
});
faults.forEach((fault) => console.error(fault));
process.exitCode = faults.length > 0 ? 1 : 0;
