// States as files, named and ordered as `foreshift plan --out` does it.

import type { WholeState } from "../../pkg/foreshift_wasm.js";
import type { PlanSource } from "../plan/source.js";

/** One state as one file of several documents. */
export function stateFile(plan: PlanSource, target: number, index: number): File | undefined {
  const state = plan.state(target, index);
  return state && file(`${nameOf(plan, target)}-${stateName(state, digits(plan, target))}.yaml`, documents(state), YAML);
}

/** All states as one file, each behind a comment with its number. */
export function statesFile(plan: PlanSource, target: number): File {
  const states = statesOf(plan, target);
  const last = states.length - 1;
  const texts = states.map((state) => `# state ${state.index} of ${last}\n${documents(state)}`);
  return file(`${nameOf(plan, target)}-states.yaml`, texts.join("\n"), YAML);
}

/** All states as an archive: a folder for each state, a file for each object. */
export async function statesArchive(plan: PlanSource, target: number): Promise<File> {
  const { zipSync } = await import("fflate");
  const width = digits(plan, target);
  const entries = statesOf(plan, target).flatMap((state) => {
    const folder = stateName(state, width);
    return present(state).map(([name, text]) => [`${folder}/${name}.yaml`, new TextEncoder().encode(text)] as const);
  });
  // A moment inside of the archive would make every download of the same plan another file.
  const archive = zipSync(Object.fromEntries(entries), { level: 9, mtime: "1980-01-01T00:00:00" });
  return file(`${nameOf(plan, target)}-states.zip`, archive, "application/zip");
}

/** A picture of all states. */
export function storyboardFile(plan: PlanSource, target: number, svg: string): File {
  return file(`${nameOf(plan, target)}-storyboard.svg`, svg, "image/svg+xml");
}

/** Hands a file to the browser's downloads. */
export function save(file: File): void {
  const address = URL.createObjectURL(file);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = file.name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const YAML = "application/yaml";

function statesOf(plan: PlanSource, target: number): WholeState[] {
  const count = plan.summary().targets[target]?.states.length ?? 0;
  return Array.from({ length: count }, (_, index) => plan.state(target, index)).filter((state) => state !== undefined);
}

function documents(state: WholeState): string {
  return present(state)
    .map(([, text]) => `---\n${text.endsWith("\n") ? text : `${text}\n`}`)
    .join("");
}

/** The objects that are there, by a name that no other has. */
function present({ objects }: WholeState): [string, string][] {
  const taken = new Map<string, number>();
  return objects.flatMap(({ kind, name, text }): [string, string][] => {
    if (text === null) {
      return [];
    }
    const stem = fileName(`${kind}-${name}`);
    const count = (taken.get(stem) ?? 0) + 1;
    taken.set(stem, count);
    return [[count === 1 ? stem : `${stem}-${count}`, text]];
  });
}

function stateName({ index, step }: WholeState, digits: number): string {
  const what = step === null ? "start" : step.kind === "setWeight" ? `setWeight-${step.weight}` : step.kind;
  return `${String(index).padStart(digits, "0")}-${what}`;
}

function digits(plan: PlanSource, target: number): number {
  return Math.max(2, String((plan.summary().targets[target]?.states.length ?? 1) - 1).length);
}

function nameOf(plan: PlanSource, target: number): string {
  const { application, targets } = plan.summary();
  return fileName([application, targets[target]?.name].filter(Boolean).join("-") || "rollout");
}

/** A name of one file on every system, whatever a user called a thing. */
function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]/gu, "_").replace(/^\.+/, "_");
}

function file(name: string, content: BlobPart, type: string): File {
  return new File([content], name, { type });
}
