import { defineConfig, devices } from "@playwright/test";
import { realSite, scriptedSite } from "./e2e/fixtures/sites";
import { findChromium } from "./e2e/run/find-chromium";

const { executablePath, args } = await findChromium();

/**
 * Two sites of the production build, started as an operator starts them: `real` serves the bundled GGUF models, `scripted`
 * has no models of its own and the tests bring scripted workers.
 */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices["Desktop Chrome"],
    channel: undefined,
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    trace: "retain-on-failure",
    launchOptions: { executablePath, args },
  },
  projects: [
    { name: "real", testMatch: "real/*.spec.ts", use: { baseURL: realSite.url } },
    { name: "durability", testMatch: "durability/*.spec.ts" },
    { name: "scripted", testMatch: "scripted/*.spec.ts", use: { baseURL: scriptedSite.url } },
  ],
  webServer: [realSite, scriptedSite].map((site) => ({
    command: site.command,
    url: `${site.url}/readyz`,
    env: site.env,
    timeout: 180_000,
    reuseExistingServer: false,
    stdout: "pipe" as const,
    gracefulShutdown: { signal: "SIGTERM" as const, timeout: 30_000 },
  })),
});
