// A plan from a computed document: no wasm. States are put together from what each one changes.

import type { Document, KubernetesObject, Route, State, Target, WholeAbort, WholeState } from "../../pkg/foreshift_wasm.js";
import type { PlanSource } from "./source.js";

/** Answers from a document, such as `foreshift plan -o json` prints. */
export function fromDocument(document: Document): PlanSource {
  return {
    summary: () => document,
    state: (target, index) => whole(document.targets[target], index),
    wayBack: (target, from) => wayBack(document.targets[target], from),
    free: () => {},
  };
}

function whole(target: Target | undefined, index: number): WholeState | undefined {
  const last = target?.states[index];
  if (!target || !last) {
    return undefined;
  }
  // A `Map` puts a value in the place of its former self, else at the end, as the core does.
  const objects = new Map<string, WholeState["objects"][number]>();
  const traffic = new Map<string, WholeState["traffic"][number]>();
  for (const state of target.states.slice(0, index + 1)) {
    const mark = state.index > 0 && state === last ? { changed: true as const } : {};
    state.objects.forEach((object) => objects.set(objectName(object), { ...object, ...mark }));
    state.traffic.forEach((route) => traffic.set(routeName(route), { ...route, ...mark }));
  }
  return {
    ...last,
    objects: [...objects.values()].filter((object) => object.text !== null || object.changed),
    traffic: [...traffic.values()].filter((route) => route.shares.length > 0 || route.changed),
  };
}

/** Versions of one API group name the same object. */
function objectName({ apiVersion, kind, namespace, name }: KubernetesObject): string {
  const [group, version] = apiVersion.split("/");
  return JSON.stringify([version && group, kind, namespace, name]);
}

/** What tells a route from every other one. */
export function routeName({ virtualService, namespace, route }: Route): string {
  return JSON.stringify([virtualService, namespace, route]);
}

function wayBack(target: Target | undefined, from: number): WholeAbort | undefined {
  const first = target?.aborts[from];
  const states = target && first && chain<State>(target.aborts, from);
  return states && { from, direction: first.direction, states: states.map((state, at) => ({ ...state, index: at + 1 })) };
}

/** The states of a way out, from entry to entry. */
export function chain<S>(aborts: readonly { states: S[]; sameAs?: number }[], from: number): S[] {
  const out: S[] = [];
  for (let abort = aborts[from]; abort; abort = abort.sameAs === undefined ? undefined : aborts[abort.sameAs]) {
    out.push(...abort.states);
  }
  return out;
}
