import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withSettingsTable } from "./settings-table";

it("the README's settings are those of the schemas (npm run docs:settings writes them)", () => {
  const page = readFileSync("README.md", "utf8");
  expect(withSettingsTable(page)).toBe(page);
});
