import { expect, type Page, test } from "@playwright/test";
import type { Outcome } from "@/lib/protocol";
import { expectNoSideScroll, expectNoViolation } from "../fixtures/accessibility";
import { castBlindVote, fewestVotes } from "../fixtures/blind-votes";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const models = ["kestrel", "osprey"] as const;

/** Blind votes in turn over the outcomes, so that both models have wins and losses and the board can score them. */
const outcomes: readonly Outcome[] = ["a", "b", "tie", "a", "b", "both_bad"];

test.beforeEach(async ({ request }) => {
  if ((await fewestVotes(request, models)) >= outcomes.length) return;
  for (const model of models) await workers.start(model);
  for (const outcome of outcomes) await castBlindVote(request, outcome);
  await expect.poll(() => fewestVotes(request, models)).toBeGreaterThanOrEqual(outcomes.length);
});

test("search, order and settings of the board stand in its address", async ({ page }) => {
  await page.goto("/leaderboard");
  const row = (name: string) =>
    page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  await expect(row("kestrel")).toBeVisible();
  await expect(row("kestrel").getByRole("img", { name: /95\s%\sfrom/ })).toBeVisible();

  await page.getByRole("textbox", { name: "Find a model" }).fill("KEST");
  await expect(row("osprey")).toBeHidden();
  await expect(page).toHaveURL(/q=KEST/);
  await page.getByRole("button", { name: "Votes", exact: true }).click();
  await expect(page).toHaveURL(/sort=-votes/);
  await page.getByRole("button", { name: /^Ties/ }).click();
  await page.getByRole("menuitemradio", { name: "Davidson" }).click();
  await expect(page).toHaveURL(/ties=davidson/);

  await page.reload();
  await expect(row("kestrel")).toBeVisible();
  await expect(row("osprey")).toBeHidden();
  await expect(page.getByRole("columnheader", { name: "Votes", exact: true })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await expect(page.getByRole("button", { name: "Ties Davidson" })).toBeVisible();

  // The two exclude each other: the newer choice wins.
  await page.getByRole("button", { name: /^Style control/ }).click();
  await page.getByRole("menuitemradio", { name: "On" }).click();
  await expect(page).toHaveURL(/style=1/);
  await expect(page).not.toHaveURL(/ties=/);

  await page.getByRole("textbox", { name: "Find a model" }).fill("no such model");
  await page.getByRole("button", { name: "Clear filters" }).click();
  // So few votes do not determine style control: the model may stand among those without a score.
  await expect(
    page.getByRole("link", { name: "osprey", exact: true }).filter({ visible: true }).first(),
  ).toBeVisible();
});

test("a board that cannot be loaded says so, keeps the filters, and can be loaded again", async ({
  page,
}) => {
  await page.goto("/leaderboard");
  await page.route("**/api/leaderboard?*", (route) => route.abort());
  await page.getByRole("button", { name: "Show retired" }).click();
  await expect(page.getByRole("heading", { name: "This board could not be loaded" })).toBeVisible();
  const again = page.getByRole("button", { name: "Load it again" });
  await expect(again).toBeVisible();
  await page.unroute("**/api/leaderboard?*");
  // Without waiting: the board also looks again by itself, and may be there before the press.
  await again.evaluateAll((buttons) => {
    for (const button of buttons) (button as HTMLElement).click();
  });
  await expect(page.getByRole("table").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Show retired" })).toHaveAttribute("aria-pressed", "true");
});

test("the pictures can be read as tables", async ({ page }) => {
  await page.goto("/leaderboard");
  await page.getByText("Dashed line").scrollIntoViewIfNeeded();
  const share = page.getByRole("table", { name: "How often does the row beat the column?" });
  await expect(share.getByRole("rowheader", { name: "kestrel" })).toBeVisible();
  await expect(
    share.getByRole("link", { name: /kestrel against osprey: \d+\s% of \d+ votes/ }),
  ).toBeVisible();
  await expect(page.getByRole("table", { name: "How many votes are behind it?" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Score over time" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Does the board keep its word?" })).toBeVisible();
});

test("from the board to a model, and to two models against each other", async ({ page }) => {
  await page.goto("/leaderboard");
  await page.getByRole("link", { name: "kestrel", exact: true }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "kestrel" })).toBeVisible();
  await expect(page.getByText("Rank spread")).toBeVisible();
  await page.getByRole("link", { name: "Compare with…" }).click();
  await expect(page.getByText("Choose two models to see")).toBeVisible();
  await page.getByRole("button", { name: /^Second/ }).click();
  await page.getByRole("menuitemradio", { name: "osprey" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "kestrel against osprey" })).toBeVisible();
  await expect(page.getByText("kestrel is better", { exact: true })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "Overall" })).toBeVisible();
  await page.getByRole("button", { name: "Swap the two" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "osprey against kestrel" })).toBeVisible();
});

test("what does not exist is said", async ({ page }) => {
  const missing = await page.goto("/models/no-such-model");
  expect(missing?.status()).toBe(404);
  await page.goto("/leaderboard/h2h?a=kestrel&b=no-such-model");
  await expect(page.getByText("One of these models does not exist here")).toBeVisible();
  await page.goto("/leaderboard/h2h?a=kestrel&b=kestrel");
  await expect(page.getByText("These are the same model")).toBeVisible();
  await page.goto("/leaderboard?board=judge");
  await expect(page.getByRole("heading", { name: "No votes yet" })).toBeVisible();
});

const paths = ["/leaderboard", "/models/kestrel", "/leaderboard/h2h?a=kestrel&b=osprey"];

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test.describe(`${colorScheme}, ${locale}`, () => {
      test.use({ colorScheme, locale });
      for (const path of paths) {
        test(`${path} has no violation, also on a phone`, async ({ page }) => {
          await page.goto(path);
          await showAll(page);
          await expectNoViolation(page);

          await page.setViewportSize({ width: 390, height: 844 });
          await expectNoSideScroll(page);
          await expectNoViolation(page);
        });
      }
    });
  }
}

/** Brings the lazily loaded pictures in and opens every table behind one. */
async function showAll(page: Page): Promise<void> {
  if (new URL(page.url()).pathname === "/leaderboard") {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(page.getByRole("heading", { level: 2 }).nth(3)).toBeVisible();
  }
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}
