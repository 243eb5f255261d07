import { expect, test } from "@playwright/test";
import type { RateLimitDetails } from "@/lib/protocol";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const sides = ["A", "B"] as const;

/** What a server says of a limit that was reached. */
const limitOf = (change: Partial<RateLimitDetails>): RateLimitDetails => ({
  ...{ retryAfterSeconds: 252, limit: "prompts", scope: "visitor", max: 20, windowSeconds: 3_600 },
  ...change,
});

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
  // The second tab hears of it by itself.
  await expect(second.getByText("Vote saved: A is better.").first()).toBeVisible();
});

test("a tab that has not heard of the vote in another votes otherwise, and shows the vote that stands", async ({
  page,
  context,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Two tabs, one of them deaf");
  const second = await context.newPage();
  await second.route("**/events", (route) => route.abort());
  const other = new BattlePage(second);
  await other.open(page.url());
  await other.voteOpens();
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
  await other.voteButton("Tie").click();
  await expect(second.getByText("Vote saved: A is better.").first()).toBeVisible();
});

test("a follow-up in one window is the follow-up of the other, and closes its vote meanwhile", async ({
  page,
  context,
}) => {
  await workers.startPair({ scenario: "slow" });
  const arena = new BattlePage(page);
  await arena.begin("First question");
  const second = await context.newPage();
  const other = new BattlePage(second);
  await other.open(page.url());
  await other.voteOpens();
  await arena.ask("Second question");
  await expect(second.getByText("Turn 2")).toBeVisible();
  await expect(other.voteButton("Tie")).toHaveAttribute("aria-disabled", "true");
  await other.voteOpens();
  for (const side of sides)
    await expect(other.answer(side).locator(".answer").last()).toHaveText(scenarioText("slow"));
});

test("a vote on answers that were gone on from elsewhere is not saved, and shows those that are new", async ({
  page,
  context,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("First question");
  const second = await context.newPage();
  await second.route("**/events", (route) => route.abort());
  const other = new BattlePage(second);
  await other.open(page.url());
  await other.voteOpens();
  await arena.ask("Second question");
  await expect(page.getByText("Turn 2")).toBeVisible();
  await arena.voteOpens();
  await other.voteButton("B is better").click();
  await expect(second.getByText("This battle went on in another window.")).toBeVisible();
  await expect(second.getByText("Turn 2")).toBeVisible();
  await other.voteButton("B is better").click();
  await expect(second.getByText("Vote saved: B is better.").first()).toBeVisible();
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
          json: { error: { code: "rate_limited", details: limitOf({ limit: "prompts", max: 20 }) } },
        })
      : route.continue(),
  );
  await arena.ask("One prompt too many");
  const notice = page.getByText("You have sent 20 prompts in an hour. The next can go in");
  await expect(notice).toContainText("4:1");
  await expect(notice).toContainText("Your text is kept.");
  await expect(page.getByRole("link", { name: "Sign in for more" })).toHaveAttribute(
    "href",
    "/sign-in?next=%2F",
  );
  await expect(arena.composer).toHaveValue("One prompt too many");
  await page.clock.runFor(60_000);
  await expect(notice).toContainText("3:1");
  await page.clock.runFor(200_000);
  await expect(page.getByText("The next prompt can go now. Your text is kept.")).toBeVisible();
  isLimited = false;
  await arena.composer.press("Enter");
  await arena.voteOpens();
});

test("each limit has its own words: whose it is, what it counts, and hours where it takes hours", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.open();
  const said: [Partial<RateLimitDetails>, RegExp, boolean][] = [
    [
      { limit: "tokens", max: 200_000, windowSeconds: 86_400, retryAfterSeconds: 86_340 },
      /You have used 200,000 tokens in a day\. The next prompt can go in 23 h 5\d min\./,
      true,
    ],
    [
      { scope: "network", max: 600 },
      /Your network has sent 600 prompts in an hour\. The next can go in 4:1\d\./,
      false,
    ],
    [
      { limit: "battles", max: 30 },
      /You have begun 30 battles in an hour\. The next can begin in 4:1\d\./,
      true,
    ],
  ];
  let details = limitOf({});
  await page.route("**/api/battles", (route) =>
    route.fulfill({ status: 429, json: { error: { code: "rate_limited", details } } }),
  );
  for (const [change, words, helpsToSignIn] of said) {
    details = limitOf(change);
    await arena.ask("Too much");
    await expect(page.getByText(words)).toBeVisible();
    await expect(page.getByRole("link", { name: "Sign in for more" })).toHaveCount(helpsToSignIn ? 1 : 0);
  }
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
