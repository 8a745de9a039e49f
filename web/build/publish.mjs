// What a web host wants besides the files: their headers, and each file compressed as far as it goes.
//
//   node web/build/publish.mjs SITE

import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = import.meta.dirname;
const site = resolve(process.argv[2] ?? join(here, "../dist/site"));
const headers = JSON.parse(readFileSync(join(here, "../headers.json"), "utf8"));

copyFileSync(join(here, "../headers.json"), join(site, "headers.json"));
copyFileSync(join(here, "serving.txt"), join(site, "README.txt"));
writeFileSync(join(site, "_headers"), rules());
for (const file of files(site)) {
  compress(file);
}

/** The file that Netlify, Cloudflare Pages and others read. No path has one header from two rules: they would add up. */
function rules() {
  const top = readdirSync(site).filter((name) => statSync(join(site, name)).isFile());
  const block = (path, fields) => [path, ...Object.entries(fields).map(([name, value]) => `  ${name}: ${value}`), ""].join("\n");
  const fresh = ["", ...top].map((name) => block(`/${name}`, headers.fresh));
  return [block("/*", headers.all), block("/assets/*", headers.hashed), ...fresh].join("");
}

/** Beside each file its `.br` and `.gz`, where they are smaller. */
function compress(file) {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const packed = { br: brotliCompressSync(bytes, { params }), gz: gzipSync(bytes, { level: 9 }) };
  for (const [end, smaller] of Object.entries(packed)) {
    if (smaller.length < bytes.length) {
      writeFileSync(`${file}.${end}`, smaller);
    }
  }
}

/** Every file that a browser asks for. */
function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      return files(path);
    }
    return /\.(css|html|js|json|svg|txt|wasm|webmanifest)$/.test(name) ? [path] : [];
  });
}
