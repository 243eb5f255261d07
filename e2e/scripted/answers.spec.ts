import { expect, test } from "@playwright/test";
import { BattlePage } from "../fixtures/battle-page";
import { ChatPage } from "../fixtures/chat-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();

test("an answer shows formulas, coloured code that can be copied, and tables", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await workers.start("heron", { scenario: "rich" });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Why is quicksort fast?");
  const answer = chat.answer("heron");
  await expect(answer.locator(".katex-display").first()).toBeVisible();
  // What a screen reader reads, and a copy takes along.
  await expect(answer.locator(".katex-display annotation").first()).toContainText("\\approx 1.39");
  await expect(answer.getByRole("table").first()).toContainText("基准元素");
  const code = answer.locator("pre").filter({ hasText: "def quicksort" }).first();
  const coloured = code.locator("span[style*='color']").filter({ hasText: "def" }).first();
  await expect(coloured).toBeVisible();
  const colours = await code
    .locator("span[style*='color']")
    .evaluateAll((spans) => new Set(spans.map((span) => getComputedStyle(span).color)).size);
  expect(colours).toBeGreaterThan(1);

  const copy = answer.locator(".code-block").first().getByRole("button", { name: "Copy" });
  await copy.click();
  await expect(answer.getByRole("button", { name: "Copied" }).first()).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^from random import choice\n\n\ndef quicksort[\s\S]+quicksort\(upper\)$/);
  await page.keyboard.press("Escape");
  await chat.says("Stopped by you.");
  await answer.getByRole("button", { name: "Copy", exact: true }).last().click();
  await expect(answer.getByRole("button", { name: "Copied" }).last()).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
    /^## Part 1: why quicksort is fast/,
  );
});

test("a thumb down is kept, and can be taken back", async ({ page }) => {
  await workers.start("heron");
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await chat.ask("Say something poor");
  await chat.says("heron has finished.");
  const down = chat.answer("heron").getByRole("button", { name: "Bad answer" });
  await down.click();
  await expect(down).toHaveAttribute("aria-pressed", "true");
  await page.reload();
  await expect(down).toHaveAttribute("aria-pressed", "true");
  await chat.answer("heron").getByRole("button", { name: "Good answer" }).click();
  await expect(down).toHaveAttribute("aria-pressed", "false");
  await chat.answer("heron").getByRole("button", { name: "Good answer" }).click();
  await page.reload();
  await expect(chat.answer("heron").getByRole("button", { name: "Good answer" })).toHaveAttribute(
    "aria-pressed",
    "false",
  );
});

test("a battle answers again at the same place, and after the vote leads to the two models head to head", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Once more");
  const again = page.waitForResponse((response) => response.url().endsWith("/regenerate"));
  await page.getByRole("button", { name: "Answer again" }).filter({ visible: true }).click();
  const response = await again;
  expect(response.ok()).toBe(true);
  expect(await response.json()).toMatchObject({ turns: [{ prompt: "Once more" }] });
  await arena.voteOpens();
  await page.reload();
  await arena.voteOpens();
  await arena.voteButton("Tie").click();
  await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
  await page.getByRole("link", { name: "Head to head" }).filter({ visible: true }).first().click();
  await expect(page).toHaveURL(/\/leaderboard\/h2h\?/);
  const main = page.getByRole("main");
  await expect(main).toContainText(/heron/i);
  await expect(main).toContainText(/stork/i);
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("the first page suggests prompts in Chinese", async ({ page }) => {
    await workers.startPair();
    const arena = new BattlePage(page);
    await arena.open();
    const suggestions = page.getByRole("region", { name: "建议" }).getByRole("button");
    await expect(suggestions).toHaveCount(18);
    // All but the one that asks for an English text in Chinese, and is named in English.
    await expect(suggestions.filter({ hasText: /\p{Script=Han}/u })).toHaveCount(17);
    await suggestions.first().click();
    await expect(arena.composer).toHaveValue(/\p{Script=Han}{4}/u);
  });
});
