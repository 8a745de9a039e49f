import type { PlanRequest } from "../pkg/foreshift_wasm.js";

export function sized(routes: number, steps: number): PlanRequest;
