import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { BattlePage } from "../fixtures/battle-page";

const paths = ["/", "/leaderboard", "/docs/api", "/nothing-here"];

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test.describe(`${colorScheme}, ${locale}`, () => {
      test.use({ colorScheme, locale });

      for (const path of paths) {
        test(`${path} has no violation`, async ({ page }) => {
          await page.goto(path);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.target) }))).toEqual(
            [],
          );
        });
      }

      test("a battle has no violation before and after its vote", async ({ page }) => {
        const arena = new BattlePage(page);
        await arena.open();
        await arena.ask("Translate to Spanish: good morning");
        const first = page.getByRole("button", { name: /A is better|A 更好/ });
        await expect(first).not.toHaveAttribute("aria-disabled", "true", { timeout: 45_000 });
        const before = await new AxeBuilder({ page }).analyze();
        expect(before.violations.map(({ id }) => id)).toEqual([]);
        await first.click();
        await expect(page.getByText(/Vote saved|已保存/).first()).toBeVisible();
        const after = await new AxeBuilder({ page }).analyze();
        expect(after.violations.map(({ id }) => id)).toEqual([]);
      });
    });
  }
}
