import { expect, type Page, test } from "@playwright/test";
import { boardPairsSchema, leaderboardSchema, type Outcome } from "@/lib/protocol";
import { expectNoSideScroll, expectNoViolation } from "../fixtures/accessibility";
import { castBlindVote, fewestVotes } from "../fixtures/blind-votes";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
// Two of them as in leaderboard-pages.spec.ts, so that its board stays in one piece.
const models = ["kestrel", "osprey", "saker"] as const;

/** Ties of both kinds, and more wins on side A than on side B. */
const outcomes: readonly Outcome[] = ["a", "b", "tie", "a", "b", "both_bad", "a", "tie"];

test.beforeEach(async ({ request }) => {
  if ((await fewestVotes(request, models)) >= 6) return;
  for (const model of models) await workers.start(model);
  for (let round = 0; (await fewestVotes(request, models)) < 6; round++)
    await castBlindVote(request, outcomes[round % outcomes.length] ?? "tie");
});

/** Figures of the fork as they stand in its table: name → score, margin and change. */
async function figuresOf(page: Page): Promise<Record<string, string[]>> {
  const rows = page
    .getByRole("table", { name: "Your fork beside the published board" })
    .locator("tr[data-row]");
  await expect(rows.first()).toBeVisible();
  const found: Record<string, string[]> = {};
  for (const row of await rows.all())
    found[(await row.getAttribute("data-row")) ?? ""] = (await row.locator("td").allInnerTexts()).map(
      (text) => text.replace(/\s+/g, " "),
    );
  return found;
}

/** Hash of the published counts, as far as a link has it. */
async function pairsNow(page: Page): Promise<string> {
  const answer = await page.request.get("/api/leaderboard/pairs");
  return boardPairsSchema.parse(await answer.json()).inputsHash.slice(0, 16);
}

const settled = (page: Page) => expect(page.getByText(/^Fitted here in/)).toBeVisible();
/** Chooses, and waits for the fit of it: the link cannot be pressed from the choice on until that is there. */
async function choose(page: Page, label: string): Promise<void> {
  await page.getByLabel(label).check();
  await expect(page.getByLabel(label)).toBeChecked();
  await expect(page.getByRole("button", { name: "Copy permalink" })).toHaveAttribute(
    "aria-disabled",
    "false",
  );
}

test("another tie model gives what the server's own fit gives, and a permalink gives it again to the digit", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/leaderboard");
  await page.getByRole("button", { name: "Fork the board" }).click();
  await settled(page);
  const published = await figuresOf(page);
  for (const figures of Object.values(published)) expect(figures.at(-1)).toBe("0");

  await choose(page, "Davidson");
  await expect(page).toHaveURL(/forkTies=davidson/);
  const forked = await figuresOf(page);
  expect(forked).not.toEqual(published);
  const answer = await page.request.get("/api/leaderboard?ties=davidson");
  const server = leaderboardSchema.parse(await answer.json());
  expect(server.fittedTies).toBe("davidson");
  for (const { model, rating } of server.rows) {
    if (rating === null) continue;
    const margin = `±${Math.round((rating.upper - rating.lower) / 2)}`;
    expect(forked[model]?.at(-2)).toBe(`${Math.round(rating.score)}${margin}`);
  }

  await page.getByRole("button", { name: "Copy permalink" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/forkData=\d+-[\w-]{16}\.\d+-[\w-]{16}\.[0-9a-f]{16}$/);
  const other = await context.newPage();
  await other.goto(link);
  await settled(other);
  expect(await figuresOf(other)).toEqual(forked);
  // Nothing has come in since: there is nothing to say.
  await expect(other.getByRole("button", { name: "Use the votes of now" })).toBeHidden();

  for (const model of models) await workers.start(model);
  await castBlindVote(page.request, "a");
  await other.reload();
  await settled(other);
  await expect(other.getByText(/^As of .+, 1 vote ago\.$/)).toBeVisible();
  expect(await figuresOf(other)).toEqual(forked);
  // Another choice is made of the votes of the link, too.
  await choose(other, "½ to each");
  expect(await figuresOf(other)).toEqual(published);
  // What was open stays as it was fitted, and says that there is more.
  await expect(page.getByText(/^As of .+, 1 vote ago\.$/)).toBeVisible();
  expect(await figuresOf(page)).toEqual(forked);
  await page.getByRole("button", { name: "Use the votes of now" }).click();
  await expect(page.getByText(/^As of /)).toBeHidden();
  await expect(page).not.toHaveURL(/forkData/);
  await settled(page);
  const now = await pairsNow(page);
  expect(now).not.toBe(link.slice(-16));
  await expect(page.getByText(`${now.slice(0, 4)} ${now.slice(4, 8)}`)).toBeVisible();

  // A board that is followed without a link asks before it moves.
  await castBlindVote(page.request, "b");
  await expect(page.getByText("The published board has been refitted since.")).toBeVisible();
  await page.getByRole("button", { name: "Fit on it" }).click();
  await expect(page.getByText("The published board has been refitted since.")).toBeHidden();
});

test("a permalink of votes one by one gives the same figures after more votes, and says what it does not have", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/leaderboard?fork=1");
  await settled(page);
  await choose(page, "Side A");
  await choose(page, "Leave out odd voters");
  const forked = await figuresOf(page);
  const effect = await page.getByText(/^γ /).first().textContent();
  await page.getByRole("button", { name: "Copy permalink" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/forkData=\d+-[\w-]{16}\.\d+-[\w-]{16}\.[0-9a-f]{16}\.[0-9a-f]{16}/);

  for (const model of models) await workers.start(model);
  for (const outcome of ["b", "b", "both_bad"] as const) await castBlindVote(page.request, outcome);
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByText(/^As of .+, 3 votes ago\.$/)).toBeVisible();
  expect(await figuresOf(other)).toEqual(forked);
  expect(await other.getByText(/^γ /).first().textContent()).toBe(effect);

  await other.goto(link.replace(/forkData=\d+/, "forkData=99999999"));
  await expect(other.getByText("This site has no votes of the moment that the link names.")).toBeVisible();
  await other.getByRole("button", { name: "Use the votes of now" }).click();
  await settled(other);

  // Data that are not those of the link are called so.
  await other.goto(link.replace(/[0-9a-f]{16}\.[0-9a-f]{16}(?=&|$)/, `${"0".repeat(16)}.${"0".repeat(16)}`));
  await expect(other.getByText(/These are not to the digit the data of the link/)).toBeVisible();
});

test("side and voters are fitted from the votes one by one; a model can be left out", async ({ page }) => {
  await page.goto("/leaderboard?fork=1");
  await settled(page);
  await choose(page, "Side A");
  await expect(page.getByText(/votes? one by one/)).toBeVisible();
  await expect(page.getByText(/^γ /).first()).toBeAttached();
  await expect(page).toHaveURL(/forkEqual=position/);
  // A tie model and covariates exclude each other: the newer choice wins.
  await choose(page, "Rao–Kupper");
  await expect(page.getByLabel("Side A")).not.toBeChecked();

  await page.getByRole("combobox", { name: "Leave out a model" }).selectOption("saker");
  await expect(page.getByRole("table").locator("tr[data-row=saker]")).toHaveCount(0);
  await expect(page).toHaveURL(/forkWithout=saker/);
  await page.getByRole("button", { name: "Take saker back in" }).click();
  await expect(page).not.toHaveURL(/forkWithout/);

  await page.getByLabel("At least, per model").fill("1000000");
  await expect(page.getByText("These choices leave no two models that can be compared.")).toBeVisible();
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(page).not.toHaveURL(/forkMin|forkTies/);
  await settled(page);
});

test("a file of votes that does not come is told, keeps the choices, and can be asked for again", async ({
  page,
}) => {
  await page.goto("/leaderboard?fork=1");
  await settled(page);
  await page.context().route("**/api/leaderboard/votes?*", (route) => route.abort());
  await page.getByLabel("Length").check();
  await expect(page.getByText("The published data could not be fetched.")).toBeVisible();
  await page.context().unroute("**/api/leaderboard/votes?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await settled(page);
  await expect(page.getByLabel("Length")).toBeChecked();
});

test("a fit can be stopped, and the panel used by keyboard and on a phone", async ({ page }) => {
  await page.goto("/leaderboard");
  const fork = page.getByRole("button", { name: "Fork the board" });
  await fork.focus();
  await page.keyboard.press("Enter");
  await settled(page);
  // Never answered.
  await page.context().route("**/api/leaderboard/votes?*", () => undefined);
  await page.getByLabel("Length").focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await expect(page.getByText("Stopped by you.")).toBeVisible();
  await page.context().unrouteAll({ behavior: "ignoreErrors" });
  await page.getByLabel("½ to each").focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByLabel("Davidson")).toBeChecked();
  await settled(page);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Change your fork" }).click();
  const sheet = page.getByRole("dialog", { name: "Your fork" });
  await expect(sheet.getByLabel("Davidson")).toBeChecked();
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await page.getByRole("button", { name: "Published board" }).click();
  await expect(page).not.toHaveURL(/fork=1/);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test(`the fork has no violation, also on a phone: ${colorScheme}, ${locale}`, async ({
      browser,
      baseURL,
    }) => {
      const context = await browser.newContext({ baseURL, colorScheme, locale });
      const page = await context.newPage();
      await page.goto("/leaderboard?fork=1&forkTies=davidson");
      await expect(page.locator("tr[data-row]").first()).toBeVisible();
      await expectNoViolation(page);
      await page.setViewportSize({ width: 390, height: 844 });
      await expect(page.locator("li[data-row]").first()).toBeVisible();
      await expectNoSideScroll(page);
      await expectNoViolation(page);
      await context.close();
    });
  }
}
