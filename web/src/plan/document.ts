// A plan from a computed document: no wasm. States are put together from what each one changes.

import type { Document, KubernetesObject, Line, Route, State, Target, WholeAbort, WholeState } from "../../pkg/foreshift_wasm.js";
import type { PlanSource } from "./source.js";

type ObjectMap = Map<string, WholeState["objects"][number]>;
type RouteMap = Map<string, WholeState["traffic"][number]>;

/** Answers from a document, such as `foreshift plan -o json` prints. */
export function fromDocument(document: Document): PlanSource {
  const target = (index: number): Target | undefined => document.targets[index];
  return {
    summary: () => document,
    state: (at, index) => whole(target(at), index),
    diff: (at, index) => lines(target(at)?.states[index]),
    wayBack: (at, from) => wayBack(target(at), from),
    free: () => {},
  };
}

function whole(target: Target | undefined, index: number): WholeState | undefined {
  const last = target?.states[index];
  if (!target || !last) {
    return undefined;
  }
  const objects: ObjectMap = new Map();
  const traffic: RouteMap = new Map();
  for (const state of target.states.slice(0, index + 1)) {
    const mark = state.index > 0 && state === last ? { changed: true as const } : {};
    state.objects.forEach((object) => put(objects, objectName(object), { ...object, ...mark }));
    state.traffic.forEach((route) => put(traffic, routeName(route), { ...route, ...mark }));
  }
  return {
    index,
    step: last.step,
    gate: last.gate,
    objects: [...objects.values()].filter((object) => object.text !== null || object.changed),
    traffic: [...traffic.values()].filter((route) => route.shares.length > 0 || route.changed),
  };
}

/** In the place of its former self, else at the end: what a `Map` does. */
function put<T>(all: Map<string, T>, name: string, value: T): void {
  all.set(name, value);
}

/** Versions of one API group name the same object. */
function objectName({ apiVersion, kind, namespace, name }: KubernetesObject): string {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return JSON.stringify([group, kind, namespace, name]);
}

function routeName({ virtualService, namespace, route }: Route): string {
  return JSON.stringify([virtualService, namespace, route]);
}

function lines(state: Target["states"][number] | undefined): Line[] | undefined {
  return state && (state as Partial<State> & { lines?: Line[] }).lines;
}

/** Follows `sameAs` from entry to entry. */
function wayBack(target: Target | undefined, from: number): WholeAbort | undefined {
  const first = target?.aborts[from];
  if (!target || !first) {
    return undefined;
  }
  const states: State[] = [];
  for (let abort = first; ; ) {
    states.push(...abort.states);
    const next = abort.sameAs === undefined ? undefined : target.aborts[abort.sameAs];
    if (!next) {
      break;
    }
    abort = next;
  }
  return { from, direction: first.direction, states: states.map((state, at) => ({ ...state, index: at + 1 })) };
}
