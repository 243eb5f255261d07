import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

/** Two projects: `unit` needs nothing outside the process; `integration` gets a real PostgreSQL. */
export default defineConfig({
  resolve: { alias: { "@": root } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // A property may take long where other programs use the machine; a test that hangs is noticed all the same.
          testTimeout: 30_000,
          include: ["{app,lib,workers,e2e,bench}/**/*.test.ts", "{app,lib,workers}/**/*.test.tsx"],
          exclude: ["**/*.int.test.ts", "**/node_modules/**", ".next/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["{lib,workers,e2e}/**/*.int.test.ts"],
          globalSetup: ["lib/db/test-server.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
