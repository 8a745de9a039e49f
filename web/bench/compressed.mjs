// Serves folders as a good web host does: brotli at its best, made once, and the headers of `headers.json`.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const headers = JSON.parse(readFileSync(join(import.meta.dirname, "../headers.json"), "utf8"));

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Serves the files of a folder, and these texts by their paths; returns the server and its address. */
export async function serve(folder, texts = {}) {
  const files = new Map(Object.entries(texts).map(([path, text]) => [path, packed(path, Buffer.from(text))]));
  for (const path of readdirSync(folder, { recursive: true })) {
    const file = join(folder, path);
    if (statSync(file).isFile() && TYPES[extname(path)]) {
      files.set(`/${path}`, packed(path, readFileSync(file)));
    }
  }
  const server = createServer((request, response) => answer(files, request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

function packed(path, bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { type: TYPES[extname(path)], bytes: brotliCompressSync(bytes, { params }) };
}

function answer(files, request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = files.get(pathname === "/" ? "/index.html" : pathname);
  if (!file) {
    response.writeHead(404, headers.all).end();
    return;
  }
  const caching = pathname.startsWith("/assets/") ? headers.hashed : headers.fresh;
  const { type, bytes } = file;
  response.writeHead(200, { "content-type": type, "content-encoding": "br", "content-length": bytes.length, ...headers.all, ...caching });
  response.end(bytes);
}
