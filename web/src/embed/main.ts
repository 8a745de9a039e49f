// The page for frames in other sites: `embed.html#1=…` shows the rollout of a link, and tells the page around it how
// high it is.

import "../rollout-plan/index.js";
import { fromRequest } from "../plan/live.js";
import type { RolloutPlan } from "../rollout-plan/element.js";
import { firstLook } from "../rollout-plan/moments.js";
import { open } from "../share/link.js";

const plan = document.querySelector<RolloutPlan>("rollout-plan")!;
const link = document.querySelector<HTMLAnchorElement>("a")!;
const problem = document.querySelector<HTMLElement>("[role=alert]")!;

addEventListener("hashchange", () => void show());
new ResizeObserver(tell).observe(document.documentElement);
void show();

async function show(): Promise<void> {
  const before = plan.source;
  try {
    const { request, target, state } = open(location.hash);
    const source = await fromRequest(request);
    const shown = source.summary().targets[target ?? 0];
    plan.source = source;
    if (shown) {
      plan.target = shown.name;
      plan.state = state ?? firstLook(shown);
    }
    link.href = `./${location.hash}`;
    problem.textContent = "";
  } catch (error) {
    plan.source = undefined;
    problem.textContent = (error as Error).message;
  }
  before?.free();
  plan.hidden = plan.source === undefined;
}

/** The reader's page may be anywhere, and the height is no secret. */
function tell(): void {
  if (parent !== window) {
    parent.postMessage({ type: "foreshift:height", height: document.documentElement.offsetHeight }, "*");
  }
}
