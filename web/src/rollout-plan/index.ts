// Defines `<rollout-plan>`.

import { RolloutPlan } from "./element.js";

customElements.get("rollout-plan") ?? customElements.define("rollout-plan", RolloutPlan);

export { RolloutPlan };
export { fromDocument, type PlanSource } from "../plan/source.js";
