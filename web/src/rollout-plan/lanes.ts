// The lanes of the step chart: a planned route each, and the runs of states in which it gives the same.

import type { Route, SummaryTarget } from "../../pkg/foreshift_wasm.js";
import { routeName } from "../plan/document.js";
import { type Moment, planned } from "./moments.js";

/** A route from the first state to the last. */
export interface Lane {
  name: string;
  /** With its VirtualService: routes of several are often called the same. */
  title: string;
  runs: Run[];
}

/** The states `from` and before `to`; without a route where there is none yet. */
export interface Run {
  from: number;
  to: number;
  route?: Route;
}

/** The lanes of a target. A plan may have thousands of states: only what each one changes is looked at. */
export function lanes(all: Moment[], target: SummaryTarget): Lane[] {
  const names = planned(all, target);
  const found = new Map(names.map((name): [string, Lane] => [name, { name, title: "", runs: [{ from: 0, to: all.length }] }]));
  for (const { index, traffic } of target.states) {
    for (const route of traffic) {
      const lane = found.get(routeName(route));
      if (lane) {
        lane.title = `${route.virtualService} ${route.route}`;
        enter(lane.runs, index, route);
      }
    }
  }
  return [...found.values()];
}

function enter(runs: Run[], index: number, route: Route): void {
  const last = runs.at(-1)!;
  if (last.from === index) {
    last.route = route;
  } else if (JSON.stringify(last.route?.shares) !== JSON.stringify(route.shares)) {
    runs.push({ from: index, to: last.to, route });
    last.to = index;
  }
}
