// A plan computed in the page: the wasm module, loaded once, shared by everything on the page.

import type { Masked, PlanRequest, Summary } from "../../pkg/foreshift_wasm.js";
import type { PlanSource } from "./source.js";

type Glue = typeof import("../../pkg/foreshift_wasm.js");

/** `crates/foreshift-pack/src/page.rs` */
interface Unpacker {
  readonly memory: WebAssembly.Memory;
  readonly room: () => number;
  readonly unpack: (length: number) => number;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let running: Promise<Glue> | undefined;
let instances = 0;

/** Plans a rollout; throws where the request is none. A trap costs the instance: the next call gets a new one. */
export async function fromRequest(request: PlanRequest): Promise<PlanSource> {
  const { plan } = await load();
  return guarded(() => {
    const handle = plan(request);
    // Everything on the page asks for it, with every key; a large one takes as long as a painted frame.
    let summary: Summary | undefined;
    return {
      summary: () => (summary ??= guarded(() => handle.summary())),
      state: (target, index) => guarded(() => handle.state(target, index)),
      wayBack: (target, from) => guarded(() => handle.wayBack(target, from)),
      free: () => handle.free(),
    };
  });
}

/** The texts of a request as others may see them; throws where the request is none. */
export async function masked(request: PlanRequest): Promise<Masked> {
  const { mask } = await load();
  return guarded(() => mask(request));
}

/** Loads the module, which takes its time: whoever knows that there is something to plan can say so before. */
export function load(): Promise<Glue> {
  return (running ??= start().catch(forget));
}

/** How often the module was instantiated on this page: once, and once more after each trap. */
export function instanceCount(): number {
  return instances;
}

async function start(): Promise<Glue> {
  compiled ??= compile(new URL("../../pkg/foreshift_wasm_packed.wasm", import.meta.url));
  // The glue keeps its instance in a module variable; another address is another module, with another instance.
  const glue = new URL("../../pkg/foreshift_wasm.js", import.meta.url);
  glue.search = instances === 0 ? "" : `?${instances}`;
  const [module, loaded] = await Promise.all([compiled, import(/* @vite-ignore */ /* webpackIgnore: true */ glue.href) as Promise<Glue>]);
  loaded.initSync({ module });
  instances += 1;
  return loaded;
}

/** What is loaded is a small module that has the large one in a section, packed, and unpacks it: `crates/foreshift-pack`. */
async function compile(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${response.status} ${response.statusText}`);
  }
  const { module, instance } = await WebAssembly.instantiate(await response.arrayBuffer());
  const { memory, room, unpack } = instance.exports as unknown as Unpacker;
  const [packed = new ArrayBuffer()] = WebAssembly.Module.customSections(module, "packed");
  const bytes = new Uint8Array(memory.buffer, room());
  bytes.set(new Uint8Array(packed));
  const length = unpack(packed.byteLength);
  return WebAssembly.compile(bytes.subarray(packed.byteLength, packed.byteLength + length));
}

/** What could not be loaded is asked for again. */
function forget(error: Error): never {
  compiled = running = undefined;
  throw new Error(`The planner cannot be loaded, so nothing is checked: ${error.message}. Try again with a network.`);
}

function guarded<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      running = undefined;
      throw new Error(`The planner met a fault of its own (${error.message}); it starts anew with the next plan.`);
    }
    throw error;
  }
}
