// Starts the page: the first plan, then the planner and the better editor, then what makes it work offline.

import { document as planned, request } from "virtual:reference";
import "../rollout-plan/index.js";
import { follow } from "./local.js";
import { register } from "./offline.js";
import { Playground } from "./playground.js";
import { apply, chosen } from "./scheme.js";
import { isLocal, start } from "./start.js";

apply(chosen());
const page = document.querySelector("foreshift-playground");
if (page instanceof Playground) {
  await begin(page);
  await painted();
  await page.plan();
  await improve(page);
  if (!isLocal()) {
    await register(page);
  }
}

async function begin(page: Playground): Promise<void> {
  const from = await start().catch((error: Error) => ({ from: "reference" as const, fault: error.message }));
  if (from.from === "reference") {
    page.begin(request, planned);
  } else {
    page.open(from.shared, from.from === "draft");
  }
  if ("fault" in from && from.fault) {
    page.notice.warn(from.fault);
  }
  if (from.from === "draft") {
    page.notice.say("This is your draft of last time.", {
      label: "Open the reference example instead",
      run: () => page.load({ request }, "Opened the reference example."),
    });
  }
  if (from.from === "local") {
    follow(page);
  }
}

/** Resolves once the frame with the plan is on the screen. */
function painted(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** Brings the editor; where it cannot be loaded the textarea stays, which can do everything but colour. */
async function improve({ editor }: Playground): Promise<void> {
  try {
    const { codemirror } = await import("../editor/codemirror.js");
    editor?.change(codemirror);
  } catch {
    // Offline before the first visit was over, or a browser that cannot: nothing is lost.
  }
}
