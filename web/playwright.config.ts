// The browser tests: Debian's Chromium on the built site, served with the real headers by `tests/server.ts`.

import { defineConfig } from "@playwright/test";

export const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  globalSetup: "./tests/server.ts",
  forbidOnly: true,
  workers: 1,
  reporter: "line",
  use: { launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: SWITCHES } },
});
