// Makes the npm package of `dist/package`: types, a manifest with `exports`, the licence, the adapters for JavaScript.
//
//   node web/build/package.mjs        after `vite build --mode package`

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const web = join(import.meta.dirname, "..");
const target = join(web, "dist/package");
const { version, license } = JSON.parse(readFileSync(join(web, "package.json"), "utf8"));

types();
copyFileSync(join(web, "../LICENSE"), join(target, "LICENSE"));
// What `live.js` loads is packed; who loads the module without it gets it as it is.
copyFileSync(join(web, "pkg/foreshift_wasm_bg.wasm"), join(target, "foreshift_wasm_bg.wasm"));
copyFileSync(join(web, "build/package.md"), join(target, "README.md"));
copyFileSync(join(web, "adapters/remark/foreshift-remark.mjs"), join(target, "remark.mjs"));
copyFileSync(join(web, "adapters/remark/foreshift-remark.d.mts"), join(target, "remark.d.mts"));
copyFileSync(join(web, "adapters/html/foreshift-iframe.js"), join(target, "foreshift-iframe.js"));
writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);

/** The declarations of what is exported, with those of the module that they speak of. */
function types() {
  const out = join(target, "types");
  rmSync(out, { recursive: true, force: true });
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const options = ["--project", "build/tsconfig.package.json", "--outDir", out];
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...options], { cwd: web, encoding: "utf8" });
  if (status !== 0) {
    console.error(stdout);
    process.exit(1);
  }
  for (const name of readdirSync(join(out, "src/rollout-plan"))) {
    withoutLit(join(out, "src/rollout-plan", name));
  }
  cpSync(join(web, "pkg/foreshift_wasm.d.ts"), join(out, "pkg/foreshift_wasm.d.ts"));
}

/** Lit is inside of the bundle; who uses the element gets none of its values. */
function withoutLit(path) {
  const imports = /^import \{ type (\w+) \} from "lit[^"]*";$|^import type \{ (\w+) \} from "lit[^"]*";$/gm;
  writeFileSync(path, readFileSync(path, "utf8").replace(imports, (_, one, other) => `type ${one ?? other} = unknown;`));
}

function manifest() {
  const entry = (types, file) => ({ types: `./${types}`, default: `./${file}` });
  return {
    name: "foreshift",
    version,
    description: "Preview a canary rollout over Istio: the element <rollout-plan>, and the planner as a wasm module.",
    license,
    type: "module",
    sideEffects: ["./rollout-plan.js"],
    exports: {
      ".": entry("types/src/rollout-plan/index.d.ts", "rollout-plan.js"),
      "./live": entry("types/src/plan/live.d.ts", "live.js"),
      "./wasm": entry("types/pkg/foreshift_wasm.d.ts", "foreshift_wasm.js"),
      "./foreshift_wasm_bg.wasm": "./foreshift_wasm_bg.wasm",
      "./remark": entry("remark.d.mts", "remark.mjs"),
      "./foreshift-iframe.js": "./foreshift-iframe.js",
      "./package.json": "./package.json",
    },
    types: "./types/src/rollout-plan/index.d.ts",
    files: ["*.js", "*.mjs", "*.d.mts", "*.wasm", "types"],
  };
}
