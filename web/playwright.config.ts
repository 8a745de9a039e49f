// The browser tests: Debian's Chromium on the built site, served with the real headers.

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

const PORT = 4173;

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  forbidOnly: true,
  workers: 1,
  reporter: "line",
  use: {
    baseURL: `http://127.0.0.1:${PORT}/`,
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: SWITCHES },
  },
  webServer: { command: `node serve.mjs dist/site ${PORT}`, url: `http://127.0.0.1:${PORT}/`, reuseExistingServer: false },
});
