// Serves the built site as a web host should: `node serve.mjs [FOLDER] [PORT]`. The headers are those of `headers.json`.

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

const [folder = "dist/site", port = "4173"] = process.argv.slice(2);
const root = resolve(import.meta.dirname, folder);
const headers = JSON.parse(readFileSync(join(import.meta.dirname, "headers.json"), "utf8"));

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const file = found(decodeURIComponent(pathname));
  if (!file) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8", ...headers.all });
    response.end("not here\n");
    return;
  }
  const caching = pathname.includes("/assets/") ? headers.hashed : headers.fresh;
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...headers.all, ...caching });
  createReadStream(file).pipe(response);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));

/** The file behind a path, and never one outside of the folder. */
function found(pathname) {
  const path = resolve(root, `.${pathname}`);
  if (path !== root && !path.startsWith(root + sep)) {
    return undefined;
  }
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "index.html") : path;
  return existsSync(file) ? file : undefined;
}
