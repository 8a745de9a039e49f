// Two builds: the site (`vite build`, dist/site), and the element alone for others' pages (`--mode package`, dist/package).

import { readFileSync } from "node:fs";
import { defineConfig } from "vite";
import { examples } from "./build/examples.js";
import { glue } from "./build/glue.js";
import { offline } from "./build/offline.js";

const here = (path: string): string => new URL(path, import.meta.url).pathname;

const shared = {
  // Addresses are relative: the site works in any folder of any host.
  base: "./",
  build: {
    target: "es2022",
    // Newer than what a build for old browsers would take apart again, such as `light-dark()`.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A `data:` address would break `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Terser, and then the minifier that Vite brings (`minify` of each output): a hundredth less than with one of them.
    minify: "terser" as const,
    terserOptions: { ecma: 2020 as const, compress: { passes: 3, keep_fargs: false } },
  },
};

const { version } = JSON.parse(readFileSync(here("package.json"), "utf8")) as { version: string };

const site = {
  ...shared,
  plugins: [examples(), glue(), offline()],
  define: {
    __VERSION__: JSON.stringify(version),
    // Where "report a problem" leads; without it the text is only copied.
    __REPOSITORY__: JSON.stringify(process.env["FORESHIFT_REPOSITORY"] ?? ""),
  },
  build: {
    ...shared.build,
    outDir: "dist/site",
    rollupOptions: {
      input: { index: here("index.html"), embed: here("embed.html") },
      // Six letters tell the versions of a file apart, and no letter of a hash can be packed.
      output: {
        minify: true,
        entryFileNames: "assets/[name]-[hash:6].js",
        chunkFileNames: "assets/[name]-[hash:6].js",
        assetFileNames: "assets/[name]-[hash:6][extname]",
      },
    },
  },
};

const element = {
  ...shared,
  publicDir: false as const,
  plugins: [glue()],
  build: {
    ...shared.build,
    outDir: "dist/package",
    rollupOptions: {
      input: { "rollout-plan": here("src/rollout-plan/index.ts"), live: here("src/plan/live.ts") },
      preserveEntrySignatures: "allow-extension" as const,
      // Names without hashes: others' bundlers give them theirs, and the module looks for its wasm by name.
      output: { minify: true, entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
};

export default defineConfig(({ mode }) => (mode === "package" ? element : site));
