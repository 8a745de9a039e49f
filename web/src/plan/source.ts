// Where a plan comes from: a computed document, or the core in wasm. The element asks and never decides.

import type { Summary, WholeAbort, WholeState } from "../../pkg/foreshift_wasm.js";

/** A plan that can be asked; every answer is the core's. Targets and states count from 0. */
export interface PlanSource {
  summary(): Summary;
  /** All objects and routes of one state, with the lines that its step changes; `undefined` where there is none. */
  state(target: number, index: number): WholeState | undefined;
  /** The way out of a state, to its end. */
  wayBack(target: number, from: number): WholeAbort | undefined;
  /** Gives the memory back; nothing may be asked afterwards. */
  free(): void;
}

export { fromDocument } from "./document.js";
