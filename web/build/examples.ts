// The examples of the page are cases of the tests: `virtual:examples` and `virtual:reference`, made when it is built.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Plugin } from "vite";
import { parse } from "yaml";
import type { Document, Line, PlanRequest } from "../pkg/foreshift_wasm.js";

/** An entry of `examples.json`. */
interface Entry {
  case: string;
  title: string;
  group: string;
}

/** What `tests/cases/README.md` says of `case.yaml`. */
interface Arguments {
  hashes?: Record<string, string>;
  current?: string[];
  target?: string;
  first?: boolean;
  lone?: string;
}

const CONFIG = "deploy.yaml";
const NO_INPUT = ["case.yaml", "plan.yaml"];
const WEB = join(import.meta.dirname, "..");
const CASES = join(WEB, "../tests/cases");

/** Serves both modules; an example whose case is not there ends the build. */
export function examples(): Plugin {
  const sources: Record<string, () => Promise<string> | string> = {
    "virtual:examples": () => `export default ${JSON.stringify(entries().map(example))}`,
    "virtual:reference": async () => {
      const request = requestOf("canary/reference");
      return `export const request = ${JSON.stringify(request)};\nexport const document = ${JSON.stringify(await planned(request))}`;
    },
  };
  return {
    name: "foreshift-examples",
    resolveId: (id) => (id in sources ? `\0${id}` : undefined),
    load: (id) => sources[id.slice(1)]?.(),
  };
}

/** The examples in the order of the menu. */
export function entries(): Entry[] {
  return JSON.parse(readFileSync(join(WEB, "examples.json"), "utf8")) as Entry[];
}

/** What a case asks. */
export function requestOf(name: string): PlanRequest {
  const folder = join(CASES, name);
  if (!existsSync(join(folder, CONFIG))) {
    throw new Error(`web/examples.json: there is no case \`${name}\` in tests/cases`);
  }
  const asked = join(folder, "case.yaml");
  const { hashes = {}, current, target, first, lone }: Arguments = existsSync(asked) ? parse(readFileSync(asked, "utf8")) : {};
  const known = Object.entries(hashes).map(([name, hash]) => hashOf(name, hash));
  return {
    config: CONFIG,
    files: paths(folder).map((path) => ({
      path: path === lone ? "" : path,
      text: readFileSync(join(folder, path), "utf8"),
    })),
    ...(current && { current }),
    ...(target && { target }),
    ...(known.length > 0 && { hashes: known }),
    ...(first && { first }),
  };
}

function example({ case: name, title, group }: Entry): { title: string; group: string; request: PlanRequest } {
  return { title, group, request: requestOf(name) };
}

function hashOf(name: string, hash: string): NonNullable<PlanRequest["hashes"]>[number] {
  const [workload, side] = name.includes(".") ? (name.split(".") as [string, string]) : [undefined, name];
  const known = { side: side as "active" | "canary", hash: String(hash) };
  return workload === undefined ? known : { workload, ...known };
}

/** Every YAML and JSON text of a case that is an input. */
function paths(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((path) => relative(folder, join(folder, path)).split(sep).join("/"))
    .filter((path) => /\.(ya?ml|json)$/.test(path) && !NO_INPUT.includes(path))
    .sort();
}

/** The plan as the module answers it, with the lines of each state: the first paint needs no module. */
async function planned(request: PlanRequest): Promise<Document> {
  const { initSync, plan } = await import("../pkg/foreshift_wasm.js");
  initSync({ module: readFileSync(join(WEB, "pkg/foreshift_wasm_bg.wasm")) });
  const handle = plan(request);
  const document: Document = handle.document();
  const withLines = document.targets.map((target, at) => ({
    ...target,
    states: target.states.map((state, index) => ({ ...state, lines: handle.diff(at, index) as Line[] })),
  }));
  handle.free();
  return { ...document, targets: withLines } as unknown as Document;
}
