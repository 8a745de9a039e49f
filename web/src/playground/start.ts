// What the page opens with: local files, a link, the draft of last time, else the reference example.

import type { PlanRequest } from "../../pkg/foreshift_wasm.js";
import type { Shared } from "../share/link.js";
import { restored } from "./draft.js";
import { codec } from "./sharing.js";

/** Where the first rollout came from. */
export type Start =
  | { from: "local" | "link"; shared: Shared }
  | { from: "draft"; shared: Shared }
  | { from: "reference"; fault?: string };

/** Finds what to open; a link that is wrong leaves what would be there without it, and says so. */
export async function start(): Promise<Start> {
  if (isLocal()) {
    return { from: "local", shared: { request: await localRequest() } };
  }
  if (!hasLink()) {
    return withoutLink();
  }
  try {
    return { from: "link", shared: await opened(location.hash) };
  } catch (error) {
    return { ...withoutLink(), fault: (error as Error).message } as Start & { fault: string };
  }
}

/** What a link or its fragment holds; throws a `LinkFault`. */
export async function opened(link: string): Promise<Shared> {
  const { open } = await codec();
  return open(link);
}

/** Whether the address has something that may be a rollout. */
export function hasLink(): boolean {
  return /^#\d+=/.test(location.hash);
}

/** Whether `foreshift play` serves the page. */
export function isLocal(): boolean {
  return new URLSearchParams(location.search).has("local");
}

/** The files that `foreshift play` follows. */
export async function localRequest(): Promise<PlanRequest> {
  const response = await fetch("plan-request.json", { cache: "no-store" });
  if (!response.ok) {
    throw new Error((await response.text()) || `foreshift play answered ${response.status} when asked for the files`);
  }
  return (await response.json()) as PlanRequest;
}

function withoutLink(): Start {
  const request = restored();
  return request ? { from: "draft", shared: { request } } : { from: "reference" };
}
