// Links of the command line open in the page, and those of the page in the command line. `cargo xtask test links` runs it.
//
//   node web/links.mjs PROGRAM CASES

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createServer } from "vite";

const [program, cases] = process.argv.slice(2).map((path) => resolve(path));
const server = await createServer({
  root: import.meta.dirname,
  configFile: false,
  logLevel: "error",
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false },
});
const { open, fragment } = await server.ssrLoadModule("/src/share/link.ts");

const folders = readdirSync(cases, { recursive: true }).filter((name) => existsSync(join(cases, name, "deploy.yaml")));
const faults = folders.flatMap(compare);
await server.close();
for (const fault of faults) {
  console.error(fault);
}
if (faults.length > 0 || folders.length === 0) {
  process.exit(1);
}
console.log(`${folders.length} rollouts go from the command line to the page and back`);

function compare(name) {
  const link = run(join(cases, name), "share", "deploy.yaml", "--page", "https://example.com/").trim();
  const { request } = open(link);
  if (request.config !== "deploy.yaml" || request.files.length === 0) {
    return [`${name}: the page reads ${request.config} and ${request.files.length} files`];
  }
  const back = `https://example.com/${fragment({ request, state: 2 })}`;
  const [given, returned] = [link, back].map((link) => run("/", "plan", link, "-o", "json"));
  return given === returned && given !== "" ? [] : [`${name}: the page's link is another rollout`];
}

function run(cwd, ...options) {
  const { stdout, error } = spawnSync(program, options, { cwd, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) {
    throw error;
  }
  return stdout;
}
