import { expect, test } from "@playwright/test";
import { expectNoViolation } from "../fixtures/accessibility";
import { BattlePage } from "../fixtures/battle-page";
import { ChatPage } from "../fixtures/chat-page";

const paths = [
  ...["/", "/compare", "/chat", "/history", "/leaderboard", "/leaderboard/h2h"],
  ...["/models/demo-13m", "/docs/api", "/nothing-here"],
  ...["/docs", "/docs/methodology", "/data", "/privacy", "/integrity", "/sign-in", "/sign-up"],
];

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test.describe(`${colorScheme}, ${locale}`, () => {
      test.use({ colorScheme, locale });

      for (const path of paths) {
        test(`${path} has no violation`, async ({ page }) => {
          await page.goto(path);
          await expectNoViolation(page);
        });
      }

      test("a chat has no violation with its drawer, its list of models and its keys open", async ({
        page,
      }) => {
        const chat = new ChatPage(page);
        await chat.open();
        await chat.ask("Please work out 75 + 29.");
        await expect(chat.log.getByRole("article").last()).toContainText("104", { timeout: 45_000 });
        await page.keyboard.press("Control+.");
        await expectNoViolation(page);
        await page.getByRole("button", { name: /^(Model|模型): / }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectNoViolation(page);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toBeHidden();
        await page.getByRole("heading").first().click();
        await page.keyboard.press("?");
        await expect(page.getByRole("dialog")).toBeVisible();
        await expectNoViolation(page);
      });

      test("a battle has no violation before and after its vote", async ({ page }) => {
        const arena = new BattlePage(page);
        await arena.open();
        await arena.ask("Translate to Spanish: good morning");
        const first = page.getByRole("button", { name: /A is better|A 更好/ });
        await expect(first).not.toHaveAttribute("aria-disabled", "true", { timeout: 45_000 });
        await expectNoViolation(page);
        await first.click();
        await expect(page.getByText(/Vote saved|已保存/).first()).toBeVisible();
        await expectNoViolation(page);
      });
    });
  }
}

test("at 200 % nothing is cut off, and every control is there", async ({ page }) => {
  // A window of 1440 × 900 that is zoomed to twice the size has this many CSS pixels.
  await page.setViewportSize({ width: 720, height: 450 });
  const arena = new BattlePage(page);
  for (const path of ["/", "/compare", "/chat", "/history", "/leaderboard"]) {
    await page.goto(path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
  await arena.begin("Translate to Spanish: good morning");
  for (const name of ["A is better", "Tie", "Both are bad", "B is better"])
    await expect(arena.voteButton(name)).toBeInViewport({ ratio: 1 });
  await expect(arena.composer).toBeInViewport({ ratio: 1 });
  await expect(arena.answer("A")).toBeInViewport();
  await arena.voteButton("Tie").click();
  await expect(page.getByRole("button", { name: /New battle/ }).first()).toBeInViewport();
});

test("with reduced motion nothing moves", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const arena = new BattlePage(page);
  await arena.begin("Translate to Spanish: good morning");
  await arena.voteButton("Tie").click();
  await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1)
      .map((animation) => String((animation.effect as KeyframeEffect).target?.className)),
  );
  expect(moving).toEqual([]);
});
