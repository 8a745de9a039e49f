// Replays every case through the module: its answers have to be the core's own, byte for byte, and of the types that
// the module declares. `cargo xtask test replay` runs it.
//
//   node web/replay.mjs FOLDER PACKAGE
//
// FOLDER holds the `cases.json` of the tests' program `replay`; PACKAGE is what `cargo xtask wasm` builds.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, packageFolder] = process.argv.slice(2).map((path) => resolve(path));
const module = join(packageFolder, "foreshift_wasm.js");
const { initSync, plan } = await import(pathToFileURL(module).href);
initSync({ module: readFileSync(join(packageFolder, "foreshift_wasm_bg.wasm")) });

const { timed, microseconds, cases } = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
const faults = cases.flatMap(compare);
const states = writeTypes();
faults.push(...checkTypes());
time();

for (const fault of faults) {
  console.error(fault);
}
if (faults.length > 0) {
  process.exit(1);
}
console.log(`${cases.length} cases and ${states} states: the same bytes, and of the declared types`);

/** What the module says to a case otherwise than the core. */
function compare({ name, request, document, summary }) {
  return asked(request, (handle) => [
    ...difference(`${name}: document`, document, JSON.stringify(handle.document())),
    ...difference(`${name}: summary`, summary, JSON.stringify(handle.summary())),
  ]);
}

function difference(what, native, wasm) {
  if (native === wasm) {
    return [];
  }
  let at = 0;
  while (native[at] === wasm[at]) {
    at += 1;
  }
  const near = (text) => text.slice(Math.max(0, at - 60), at + 60);
  return [`${what} differs at ${at}\n  core:   ${near(native)}\n  module: ${near(wasm)}`];
}

/**
 * Writes everything that the module says to every case as literals of the declared types: where a field is missing,
 * unknown or of another type the compiler says so. Texts are left empty, they are only long.
 */
function writeTypes() {
  const lines = [header()];
  let states = 0;
  cases.forEach(({ request }, index) => {
    asked(request, (handle) => {
      const add = (type, name, value) => lines.push(`export const ${name}${index}: ${type} = ${literal(value)};`);
      const document = handle.document();
      add("PlanRequest", "request", request);
      add("Document", "document", document);
      add("Summary", "summary", handle.summary());
      const each = (ask) => document.targets.flatMap(({ states }, target) => states.map((_, n) => ask(target, n)));
      const whole = each((target, n) => handle.state(target, n));
      add("WholeState[]", "states", whole);
      add("WholeAbort[]", "aborts", each((target, n) => handle.wayBack(target, n)));
      add("Line[][]", "lines", each((target, n) => handle.diff(target, n)));
      states += whole.length;
    });
  });
  writeFileSync(join(folder, "types.ts"), lines.join("\n"));
  return states;
}

/** What the types are, and that the compiler would see a mistake in them. */
function header() {
  const from = `./${relative(folder, module).split(sep).join("/")}`;
  return `\
import { plan, type Document, type Line, type Plan, type PlanRequest, type Share, type State, type Step, type Summary,
  type WholeAbort, type WholeState } from ${JSON.stringify(from)};

export function answers(request: PlanRequest): [Document, Summary, WholeState | undefined, WholeAbort | undefined] {
  const handle: Plan = plan(request);
  return [handle.document(), handle.summary(), handle.state(0, 0), handle.wayBack(0, 0)];
}

const object = { kind: "DestinationRule", namespace: "shop", name: "cart" };
export const pin: Step = { kind: "pin", object };
// @ts-expect-error a field that is unknown
export const unknown: Step = { kind: "pin", object, weight: 10 };
// @ts-expect-error a field that is missing
export const missing: Step = { kind: "setWeight", object };
// @ts-expect-error a word that is unknown
export const word: Step = { kind: "push", object };
// @ts-expect-error two recipients
export const two: Share = { revision: "a", error: "UH", percent: 1, exact: [1, 1] };
// @ts-expect-error null where a field is absent
export const gate: State["gate"] = { kind: "approval", words: "approval", requiresRoles: [], expiresSeconds: null };
`;
}

function literal(value) {
  return JSON.stringify(value, (key, part) => (key === "text" && part !== null ? "" : part));
}

function checkTypes() {
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"];
  const libraries = ["--lib", "es2022,esnext.disposable,dom", "--types", ""];
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, ...libraries, "types.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  return status === 0 ? [] : [`the types are not what the module says:\n${stdout.slice(0, 4000)}`];
}

/** Prints how long the module takes in comparison with the core; it is for a person to judge. */
function time() {
  const { request } = cases.find(({ name }) => name === timed);
  const here = {
    plan: median(() => asked(request, () => {})),
    document: median(() => asked(request, (handle) => JSON.stringify(handle.document()))),
  };
  for (const [what, native] of Object.entries(microseconds)) {
    const ratio = (here[what] / native).toFixed(1);
    console.log(`${timed}, ${what}: ${native.toFixed(0)} µs native, ${here[what].toFixed(0)} µs wasm, ${ratio} times`);
  }
}

/** The median time of one call in microseconds, once the engine has compiled what is hot. */
function median(call) {
  const times = Array.from({ length: 2000 }, () => {
    const start = performance.now();
    call();
    return performance.now() - start;
  });
  return times.slice(500).sort((left, right) => left - right)[750] * 1000;
}

function asked(request, use) {
  const handle = plan(request);
  try {
    return use(handle);
  } finally {
    handle.free();
  }
}
