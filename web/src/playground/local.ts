// A page that `foreshift play` serves: the files are on disk, and the page follows their changes.

import type { Playground } from "./playground.js";
import { localRequest } from "./start.js";

/** Plans anew whenever the program says that a file has changed. */
export function follow(page: Playground): void {
  const changes = new EventSource("changes");
  changes.addEventListener("message", () => void again(page));
}

async function again(page: Playground): Promise<void> {
  try {
    page.renew(await localRequest());
  } catch (error) {
    page.notice.warn((error as Error).message);
  }
}
