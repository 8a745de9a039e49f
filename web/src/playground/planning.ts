// Plans what is asked, the newest last; a plan that was good stays until a better one comes.

import type { PlanRequest, Summary } from "../../pkg/foreshift_wasm.js";
import { fromRequest } from "../plan/live.js";
import type { PlanSource } from "../plan/source.js";

/** What came out of the newest request. */
export interface Outcome {
  /** The plan to show; an older one where the newest has none. */
  plan: PlanSource | undefined;
  /** Whether the plan is of an older request. */
  isOlder: boolean;
  /** What the newest request has of findings. */
  findings: Summary["diagnostics"];
  /** Why there is no answer; the planner starts anew with the next request. */
  failure?: string;
}

/** Answers requests in their order. */
export class Planning {
  #outcome: Outcome = { plan: undefined, isOlder: false, findings: [] };
  #asked = 0;

  /** `show` gets every outcome that is still wanted. */
  constructor(private readonly show: (outcome: Outcome) => void) {}

  /** Shows a plan that was computed before. */
  take(plan: PlanSource): void {
    this.#asked += 1;
    this.#answer(plan);
  }

  /** Lets go of the plan that is shown: what comes next is about something else. */
  forget(): void {
    const { plan } = this.#outcome;
    this.#outcome = { plan: undefined, isOlder: false, findings: [] };
    setTimeout(() => plan?.free());
  }

  /** Plans; within the same task once the planner is loaded. */
  async ask(request: PlanRequest): Promise<void> {
    this.#asked += 1;
    const turn = this.#asked;
    try {
      const plan = await fromRequest(request);
      if (turn === this.#asked) {
        this.#answer(plan);
      } else {
        plan.free();
      }
    } catch (error) {
      this.#fail(turn, error);
    }
  }

  #answer(plan: PlanSource): void {
    const { targets, diagnostics: findings } = plan.summary();
    const before = this.#outcome.plan;
    if (targets.length === 0 && before && before.summary().targets.length > 0) {
      this.#outcome = { plan: before, isOlder: true, findings };
      plan.free();
    } else {
      this.#outcome = { plan, isOlder: false, findings };
      // Whoever draws may still look at the plan before, until the frame is painted.
      setTimeout(() => before?.free());
    }
    this.show(this.#outcome);
  }

  #fail(turn: number, error: unknown): void {
    if (turn !== this.#asked) {
      return;
    }
    const failure = error instanceof Error ? error.message : String(error);
    this.show({ ...this.#outcome, isOlder: this.#outcome.plan !== undefined, failure });
  }
}
