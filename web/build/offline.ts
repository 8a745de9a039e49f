// The service worker of a build: `sw.js` with the list of everything that was built, each file with its hash.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Plugin } from "vite";

const TEMPLATE = join(import.meta.dirname, "../src/offline/worker.js");

/** Nobody asks for these while offline. */
const LEFT_OUT = [/\.map$/, /^sw\.js$/];

/** Writes `sw.js` once everything else is there. */
export function offline(): Plugin {
  let folder = "";
  return {
    name: "foreshift-offline",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: "post",
      handler: () => writeFileSync(join(folder, "sw.js"), worker(folder)),
    },
  };
}

/** The service worker of what stands in a folder. */
export function worker(folder: string): string {
  const files = Object.fromEntries(built(folder).map((path) => [path, hash(readFileSync(join(folder, path)))]));
  const version = hash(Buffer.from(JSON.stringify(files))).slice(0, 12);
  return readFileSync(TEMPLATE, "utf8")
    .replace("__VERSION__", () => JSON.stringify(version))
    .replace("__FILES__", () => JSON.stringify(files));
}

function built(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join("/"))
    .filter((path) => !LEFT_OUT.some((out) => out.test(path)))
    .sort();
}

/** As the worker compares it: SHA-256 in hexadecimal. */
function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
