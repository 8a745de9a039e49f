// Starts the page: the first plan, then the planner, then what makes it work offline, and the better editor once the
// texts are in sight.

import { document as planned, request } from "virtual:reference";
import { load } from "../plan/live.js";
import "../rollout-plan/index.js";
import { inView } from "../rollout-plan/sight.js";
import { follow } from "./local.js";
import { register } from "./offline.js";
import { Playground } from "./playground.js";
import { apply, chosen } from "./scheme.js";
import { hasLink, isLocal, start } from "./start.js";

apply(chosen());
const page = document.querySelector("foreshift-playground");
if (page instanceof Playground) {
  await begin(page);
  await idle();
  const improved = improve(page);
  if (!isLocal()) {
    await register(page);
  }
  await improved;
}

/** Resolves once there is a plan, and the planner. */
async function begin(page: Playground): Promise<void> {
  if (hasLink() || isLocal()) {
    // What is asked comes meanwhile; a fault is told by whoever plans it.
    load().catch(() => {});
  }
  const from = await start().catch((error: Error) => ({ from: "reference" as const, fault: error.message }));
  const isPlanned = from.from === "reference";
  const opening = isPlanned ? page.begin(request, planned) : page.open(from.shared, from.from === "draft");
  if ("fault" in from && from.fault) {
    page.notice.warn(from.fault);
  }
  if (from.from === "draft") {
    page.notice.say("This is your draft of last time.", {
      label: "Open the reference example instead",
      run: () => page.load({ request }, "Opened the reference example."),
    });
  }
  if (isLocal()) {
    page.onDisk = from.from === "local" ? from.shared.request : undefined;
    follow(page, page.onDisk);
  }
  await opening;
  if (isPlanned) {
    await painted();
    await page.plan();
  }
}

/** Resolves once the frame with the plan is on the screen. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** Resolves when the reader is not kept waiting, or has waited long enough; not every browser can say when. */
function idle(): Promise<void> {
  return new Promise((resolve) => ("requestIdleCallback" in window ? requestIdleCallback(() => resolve(), { timeout: 200 }) : setTimeout(resolve)));
}

/** Brings the editor; where it cannot be loaded the textarea stays, which can do everything but colour. */
async function improve({ editor }: Playground): Promise<void> {
  if (!editor) {
    return;
  }
  await inView(editor);
  try {
    const { codemirror } = await import("../editor/codemirror.js");
    await idle();
    editor.change(codemirror);
  } catch {
    // Offline before the first visit was over, or a browser that cannot: nothing is lost.
  }
}
