// A page that `foreshift play` serves: the files are on disk, and the page follows their changes.

import type { PlanRequest } from "../../pkg/foreshift_wasm.js";
import type { Playground } from "./playground.js";
import { localRequest } from "./start.js";

/** Plans anew whenever the files are no longer as they were, also where the program was away meanwhile. */
export function follow(page: Playground, opened: PlanRequest | undefined): void {
  let known = JSON.stringify(opened);
  let fault = "";
  const look = async (): Promise<void> => {
    try {
      const request = await localRequest();
      page.notice.clear(fault);
      const now = JSON.stringify(request);
      if (now !== known) {
        known = now;
        page.renew(request);
      }
    } catch (error) {
      fault = (error as Error).message;
      page.notice.warn(fault);
    }
  };
  const changes = new EventSource("changes");
  changes.addEventListener("open", () => void look());
  changes.addEventListener("message", () => void look());
}
