import type { PlanRequest } from "../pkg/foreshift_wasm.js";

export function sized(services: number, steps: number, routes?: number): PlanRequest;
