import { expect, test } from "@playwright/test";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const sides = ["A", "B"] as const;

test("a network that goes away is named, and comes back without a character lost or doubled", async ({
  page,
  context,
}) => {
  await workers.startPair({ scenario: "slow" });
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Tell me something slowly");
  await expect(arena.answer("A")).toContainText("scripted answer");
  await context.setOffline(true);
  await expect(page.getByText("You are offline. Answers go on without you")).toBeVisible();
  await arena.composer.fill("Typed without a network");
  await context.setOffline(false);
  await arena.voteOpens();
  for (const side of sides)
    await expect(arena.answer(side).locator(".answer")).toHaveText(scenarioText("slow"));
  await expect(arena.composer).toHaveValue("Typed without a network");
});

test("a vote in one tab is the vote of the other", async ({ page, context }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Two tabs");
  const second = await context.newPage();
  const other = new BattlePage(second);
  await other.open(page.url());
  await other.voteOpens();
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
  // The second tab does not know yet, and votes otherwise: what stands is the first vote, and the page says so.
  await other.voteButton("Tie").click();
  await expect(second.getByText("Vote saved: A is better.").first()).toBeVisible();
});

test("the back button leads to the battle as it was left", async ({ page }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Back and forth");
  await arena.composer.fill("Half a follow-up");
  await page.getByRole("navigation").getByRole("link", { name: "Leaderboard" }).click();
  await expect(page).toHaveURL(/leaderboard/);
  await page.goBack();
  await arena.voteOpens();
  for (const side of sides) await expect(arena.answer(side)).toContainText(scenarioText("plain"));
  await expect(arena.composer).toHaveValue("Half a follow-up");
});

test("a rate limit counts down, keeps the text, and lets it go when its time is over", async ({ page }) => {
  await workers.startPair();
  await page.clock.install();
  const arena = new BattlePage(page);
  await arena.open();
  let isLimited = true;
  await page.route("**/api/battles", (route) =>
    isLimited
      ? route.fulfill({
          status: 429,
          json: { error: { code: "rate_limited", details: { retryAfterSeconds: 252, count: 20 } } },
        })
      : route.continue(),
  );
  await arena.ask("One prompt too many");
  const notice = page.getByText("You have sent 20 prompts in an hour. The next can go in");
  await expect(notice).toContainText("4:1");
  await expect(arena.composer).toHaveValue("One prompt too many");
  await page.clock.runFor(60_000);
  await expect(notice).toContainText("3:1");
  await page.clock.runFor(200_000);
  await expect(page.getByText("The next prompt can go now. Your text is kept.")).toBeVisible();
  isLimited = false;
  await arena.composer.press("Enter");
  await arena.voteOpens();
});

test("an overloaded site and a database that is away have their own words, and the text waits", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.open();
  const answers = [
    { status: 503, json: { error: { code: "database_unavailable", details: {} } } },
    { status: 503, json: { error: { code: "no_worker_available", details: { retryAfterSeconds: 1 } } } },
  ];
  await page.route("**/api/battles", (route) => {
    const next = answers.shift();
    return next === undefined ? route.continue() : route.fulfill(next);
  });
  await arena.ask("Is there room?");
  await expect(
    page.getByText("The server cannot reach its database just now. Your text is kept."),
  ).toBeVisible();
  await expect(arena.composer).toHaveValue("Is there room?");
  await arena.composer.press("Enter");
  await expect(page.getByText("No model is free just now. Your prompt is kept")).toBeVisible();
  // It goes out by itself.
  await arena.voteOpens();
  await expect(arena.composer).toHaveValue("");
});
