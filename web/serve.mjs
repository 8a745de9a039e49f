// Serves the built site as a web host should: `node serve.mjs [FOLDER] [PORT]`. The headers are those of `headers.json`.

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

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

/** Serves a folder on this machine only and returns the server and its address; port 0 takes any that is free. */
export async function serve(folder, port) {
  const root = resolve(import.meta.dirname, folder);
  const server = createServer((request, response) => answer(root, request, response));
  await once(server.listen(port, "127.0.0.1"), "listening");
  return { server, address: `http://127.0.0.1:${server.address().port}` };
}

function answer(root, request, response) {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const file = found(root, pathname);
  if (!file) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8", ...headers.all });
    response.end("not here\n");
    return;
  }
  const caching = pathname.includes("/assets/") ? headers.hashed : headers.fresh;
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", ...headers.all, ...caching });
  createReadStream(file).pipe(response);
}

/** The file behind a path, and never one outside of the folder. */
function found(root, pathname) {
  const path = resolve(root, `.${decoded(pathname)}`);
  if (path !== root && !path.startsWith(root + sep)) {
    return undefined;
  }
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "index.html") : path;
  return existsSync(file) ? file : undefined;
}

/** A path with its percents read; what cannot be read stands for itself. */
function decoded(pathname) {
  try {
    return decodeURIComponent(pathname).replaceAll("\0", "");
  } catch {
    return pathname;
  }
}

if (process.argv[1] === import.meta.filename) {
  const [folder = "dist/site", port = "4173"] = process.argv.slice(2);
  console.log((await serve(folder, Number(port))).address);
}
