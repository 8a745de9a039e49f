// The npm package as somebody has it: what is in the tarball, that a project type-checks with it, and that it plans.
//
//   node web/build/check-package.mjs FOLDER        FOLDER is emptied

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const folder = resolve(process.argv[2]);
const web = join(import.meta.dirname, "..");

/** What somebody gets, besides `types`. */
const CONTENT = [
  "LICENSE", "README.md", "foreshift-iframe.js", "foreshift_wasm.js", "foreshift_wasm_bg.wasm", "foreshift_wasm_packed.wasm",
  "live.js", "package.json", "picture.js", "remark.d.mts", "remark.mjs", "rollout-plan.js",
];

const USE = `
import { RolloutPlan, fromDocument, type PlanSource } from "foreshift";
import { fromRequest } from "foreshift/live";
import { plan, type PlanRequest, type Summary } from "foreshift/wasm";
import remark from "foreshift/remark";

const request: PlanRequest = { config: "deploy.yaml", files: [{ path: "deploy.yaml", text: "" }] };
export const summary: Summary = plan(request).summary();
export const source: Promise<PlanSource> = fromRequest(request);
export const element: RolloutPlan = new RolloutPlan();
element.state = 4;
element.source = fromDocument(plan(request).document());
// @ts-expect-error there is no such state
element.state = "four";
export const plugin = [remark, { page: "https://example.com/" }];
`;

const RUN = `
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initSync, plan, version } from "foreshift/wasm";
const require = createRequire(import.meta.url);
initSync({ module: readFileSync(require.resolve("foreshift/foreshift_wasm_bg.wasm")) });
const { version: own } = require("foreshift/package.json");
const found = plan({ config: "deploy.yaml", files: [{ path: "deploy.yaml", text: "application: [" }] }).summary().diagnostics;
if (version() !== own || found.length === 0) throw new Error(\`\${version()} in \${own}: \${found.length}\`);
await import("foreshift/remark");
`;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const packed = JSON.parse(npm(join(web, "dist/package"), "pack", "--json", "--pack-destination", folder))[0];
const names = packed.files.map(({ path }) => path);
const others = names.filter((path) => !path.startsWith("types/")).sort();
if (JSON.stringify(others) !== JSON.stringify([...CONTENT].sort()) || !names.every((path) => !path.startsWith("types/") || path.endsWith(".d.ts"))) {
  throw new Error(`the tarball holds ${names.join(", ")}`);
}
writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "somebody", private: true, type: "module" }));
npm(folder, "install", "--offline", "--no-audit", "--no-fund", "--no-package-lock", join(folder, packed.filename));
writeFileSync(join(folder, "use.ts"), USE);
writeFileSync(join(folder, "run.mjs"), RUN);
for (const resolution of ["bundler", "nodenext"]) {
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const module = resolution === "bundler" ? "esnext" : "nodenext";
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", module, "--moduleResolution", resolution];
  run(process.execPath, [compiler, ...options, "--lib", "es2022,esnext.disposable,dom,dom.iterable", "--types", "", "use.ts"], folder);
}
run(process.execPath, ["run.mjs"], folder);
console.log(`${packed.filename}: ${packed.size} bytes, ${names.length} files; it type-checks and plans`);

function npm(cwd, ...options) {
  return run(process.platform === "win32" ? "npm.cmd" : "npm", options, cwd);
}

function run(program, options, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, options, { cwd, encoding: "utf8" });
  if (error || status !== 0) {
    throw new Error(`${program} ${options.join(" ")}: ${error?.message ?? ""}\n${stdout}${stderr}`);
  }
  return stdout;
}
