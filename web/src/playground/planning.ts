// Plans what is asked, the newest last; a plan that was good stays until a better one comes.

import type { PlanRequest, Summary } from "../../pkg/foreshift_wasm.js";
import { fromRequest } from "../plan/live.js";
import type { PlanSource } from "../plan/source.js";

/** What came out of the newest request. */
export interface Outcome {
  /** The plan to show; an older one where the newest has none. */
  plan?: PlanSource;
  /** Whether the plan is of an older request. */
  isOlder?: boolean;
  /** What the newest request has of findings. */
  findings: Summary["diagnostics"];
  /** Why there is no answer; the planner starts anew with the next request. */
  failure?: string;
  /** Whether the answer is not there yet, since the planner is not. */
  isLate?: boolean;
}

/** How long an answer may take before the page says that it waits, in milliseconds. */
const PATIENCE = 300;

/** Answers requests in their order. */
export class Planning {
  #outcome: Outcome = { findings: [] };
  #asked = 0;

  /** `show` gets every outcome that is still wanted. */
  constructor(private readonly show: (outcome: Outcome) => void) {}

  /** Lets go of the plan that is shown: what comes next is about something else. */
  forget(): void {
    const { plan } = this.#outcome;
    this.#outcome = { findings: [] };
    setTimeout(() => plan?.free());
  }

  /** Plans; within the same task once the planner is loaded. */
  async ask(request: PlanRequest): Promise<void> {
    const turn = ++this.#asked;
    // Not with the first, which asks for what is shown already, or shows nothing yet.
    const waiting = setTimeout(() => turn > 1 && this.show({ ...this.#outcome, isLate: true }), PATIENCE);
    try {
      const plan = await fromRequest(request);
      if (turn === this.#asked) {
        this.take(plan);
      } else {
        plan.free();
      }
    } catch (error) {
      if (turn === this.#asked) {
        const failure = (error as Error).message ?? String(error);
        this.show({ ...this.#outcome, isOlder: !!this.#outcome.plan, failure });
      }
    } finally {
      clearTimeout(waiting);
    }
  }

  /** Shows what was planned; where that is no plan, one from before stays. */
  take(plan: PlanSource): void {
    const { targets, diagnostics: findings } = plan.summary();
    const before = this.#outcome.plan;
    if (targets.length === 0 && before?.summary().targets.length) {
      this.#outcome = { plan: before, isOlder: true, findings };
      plan.free();
    } else {
      this.#outcome = { plan, findings };
      // Whoever draws may still look at the plan before, until the frame is painted.
      setTimeout(() => before?.free());
    }
    this.show(this.#outcome);
  }
}
