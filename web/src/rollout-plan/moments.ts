// A target state by state: who gets what, how long it lasts, how far it is back. Everything is read off the summary.

import type { Condition, Gate, Route, Share, SummaryTarget } from "../../pkg/foreshift_wasm.js";
import { chain, routeName } from "../plan/document.js";

/** One state with every route that there is in it. */
export interface Moment {
  state: SummaryTarget["states"][number];
  routes: Route[];
  /** How many writes lead back; `undefined` where the way out is forward. */
  back: number | undefined;
}

/** What a share is to a rollout. */
export type Role = "stable" | "canary" | "other" | "error";

/** Every state of a target, in order. */
export function moments(target: SummaryTarget): Moment[] {
  const routes = new Map<string, Route>();
  return target.states.map((state, index) => {
    state.traffic.forEach((route) => routes.set(routeName(route), route));
    const back = target.aborts[index]?.direction === "back" ? chain(target.aborts, index).length : undefined;
    return { state, routes: [...routes.values()], back };
  });
}

/** Where to look first where nobody said where: the first weight, which says more than the start. */
export function firstLook({ states }: SummaryTarget): number {
  return Math.max(0, states.findIndex(({ step }) => step?.kind === "setWeight"));
}

/** What a share is: a revision is the new one of a Deployment, or not. */
export function role(share: Share, target: SummaryTarget): Role {
  if (share.error) {
    return "error";
  }
  const is = (side: "active" | "canary") => target.revisions.some((revision) => revision[side] === share.revision);
  return is("canary") ? "canary" : is("active") ? "stable" : "other";
}

/** The name of who gets a share. */
export function recipient(share: Share): string {
  return share.error ? `503 ${share.error}` : (share.revision ?? share.destination ?? "");
}

/** A percentage with at most two places. */
export function percent(share: Share): string {
  const rounded = Math.round(share.percent * 100) / 100;
  // Of the fraction: a number with places is never quite itself.
  return `${(share.exact[0] * 100) % share.exact[1] ? "≈" : ""}${rounded} %`;
}

/** Who gets how much. */
export function shareWords(share: Share): string {
  return `${recipient(share)} ${percent(share)}`;
}

/** What the new version gets of a route. */
export function newShare(route: Route | undefined, target: SummaryTarget): string {
  const shares = route?.shares.filter((share) => role(share, target) === "canary") ?? [];
  return shares.map(percent).join(" + ") || "0 %";
}

/** The routes that ever reach new pods; all, where none does. */
export function planned(all: Moment[], target: SummaryTarget): string[] {
  const names = (wanted: (route: Route) => boolean) => [
    ...new Set(all.flatMap(({ state }) => state.traffic.filter(wanted).map(routeName))),
  ];
  const found = names(({ shares }) => shares.some((share) => role(share, target) === "canary"));
  return found.length > 0 ? found : names(() => true);
}

/** The routes with these names. */
export function among(routes: Route[], names: string[]): Route[] {
  return routes.filter((route) => names.includes(routeName(route)));
}

/** A state's step as the terminal names it. */
export function stepName(state: Moment["state"]): string {
  return state.step ? `${state.step.kind}${"weight" in state.step ? ` ${state.step.weight}` : ""}` : "as it is";
}

/** The parts of a gate one after the other, each with those that hold at the same time. */
export function links(gate: Gate | null): Condition[][] {
  return gate ? [gate, ...(gate.then ?? [])].map((link) => [link, ...(link.with ?? [])]) : [];
}

/** What a gate waits for, in one line. */
export function words(gate: Gate | null): string {
  return links(gate)
    .map((link) => link.map((part) => part.words).join(", meanwhile "))
    .join(", then ");
}

/** How long a gate lasts by the plan, in seconds; `undefined` where nobody knows. */
export function seconds(gate: Gate | null): number | undefined {
  const each = links(gate).map((link) => Math.max(...link.map(alone)));
  const sum = each.reduce((before, next) => before + next, 0);
  return sum === Infinity ? undefined : sum;
}

function alone(part: Condition): number {
  switch (part.kind) {
    case "duration":
      return part.seconds;
    case "analysis":
      return part.intervalSeconds * part.judgmentRuns;
    case "approval":
    case "webhook":
      return Infinity;
    default:
      return 0;
  }
}
