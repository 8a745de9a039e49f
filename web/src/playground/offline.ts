// Registers the service worker, and tells the page when a newer build of it is ready.

import type { Playground } from "./playground.js";

/** After this the page opens without a network; a browser without service workers needs one. */
export async function register(page: Playground): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) {
    return;
  }
  try {
    const registration = await navigator.serviceWorker.register("sw.js", { updateViaCache: "none" });
    watch(page, registration);
  } catch {
    // Private windows and file addresses: the page works, only not offline.
  }
}

function watch(page: Playground, registration: ServiceWorkerRegistration): void {
  const offer = (worker: ServiceWorker | null): void => {
    // Without a controller this is the first visit, and nothing is replaced.
    if (worker?.state === "installed" && navigator.serviceWorker.controller) {
      page.newVersion = () => takeOver(worker);
    }
  };
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => offer(worker));
  });
}

/** The draft is kept, so a reload loses nothing. */
function takeOver(worker: ServiceWorker): void {
  if (worker.state !== "installed") {
    // Another tab was asked before.
    location.reload();
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("take over");
}
