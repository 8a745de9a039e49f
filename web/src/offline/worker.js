// The service worker: after the first visit the page works without a network. One version of it holds one build whole;
// files of two builds are never mixed, and what is not of the build is none of its business.

const VERSION = __VERSION__;

/** The SHA-256 of each file by its path. */
const FILES = __FILES__;

const CACHE = `foreshift-${VERSION}`;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("fetch", (event) => {
  const path = known(event.request);
  if (path !== undefined) {
    event.respondWith(answer(path, event.request));
  }
});
self.addEventListener("message", (event) => {
  if (event.data === "take over") {
    self.skipWaiting();
  }
});

/** All files or none: a build that is being uploaded is tried again later. */
async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(FILES).map(([path, hash]) => keep(cache, path, hash)));
}

async function keep(cache, path, hash) {
  const address = new URL(path, self.registration.scope);
  const ask = (from) => fetch(address, { cache: from });
  // A name with a hash in it is nearly always the same file in every build: whoever has it need not ask for it again.
  const ways = path.startsWith("assets/") ? [() => caches.match(address), () => ask("default"), () => ask("reload")] : [() => ask("no-cache")];
  for (const way of ways) {
    const response = await way();
    if (response?.ok && (await digest(response.clone())) === hash) {
      // A new answer: a host may have redirected, and no browser opens a page with an answer that says so.
      await cache.put(address, new Response(response.body, { headers: response.headers }));
      return;
    }
  }
  throw new Error(`${path} is not of this build`);
}

async function digest(response) {
  const bytes = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("foreshift-") && name !== CACHE).map((name) => caches.delete(name)));
}

/** The file that a request is about; `undefined` where the network has to answer. */
function known({ method, url }) {
  const { origin, pathname, searchParams } = new URL(url);
  const scope = new URL(self.registration.scope);
  const isOurs = origin === scope.origin && pathname.startsWith(scope.pathname);
  // A page on local files comes from the program that serves them.
  if (method !== "GET" || !isOurs || searchParams.has("local")) {
    return undefined;
  }
  const path = pathname.slice(scope.pathname.length) || "index.html";
  return Object.hasOwn(FILES, path) ? path : undefined;
}

async function answer(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(new URL(path, self.registration.scope))) ?? fetch(request);
}
