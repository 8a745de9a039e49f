// Two builds: the site (`vite build`, dist/site), and the element alone for others' pages (`--mode package`, dist/package).

import { defineConfig } from "vite";

const here = (path: string): string => new URL(path, import.meta.url).pathname;

const shared = {
  // Addresses are relative: the site works in any folder of any host.
  base: "./",
  build: {
    target: "es2022",
    // A `data:` address would break `default-src 'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};

const site = {
  ...shared,
  build: {
    ...shared.build,
    outDir: "dist/site",
    rollupOptions: { input: { index: here("index.html"), embed: here("embed.html") } },
  },
};

const element = {
  ...shared,
  publicDir: false as const,
  build: {
    ...shared.build,
    outDir: "dist/package",
    rollupOptions: {
      input: { "rollout-plan": here("src/rollout-plan/index.ts") },
      preserveEntrySignatures: "strict" as const,
      output: { entryFileNames: "[name].js" },
    },
  },
};

export default defineConfig(({ mode }) => (mode === "package" ? element : site));
