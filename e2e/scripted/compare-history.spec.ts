import { expect, type Page, test } from "@playwright/test";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { expectNoViolation } from "../fixtures/accessibility";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";
import { scriptedSite } from "../fixtures/sites";

const workers = scriptedWorkers();

const picker = (page: Page, side: "A" | "B") =>
  page.getByRole("button", { name: new RegExp(`^(Model|模型) ${side}`) }).filter({ visible: true });

async function choose(page: Page, side: "A" | "B", model: string) {
  await picker(page, side).click();
  await page.getByRole("combobox", { name: "Find a model" }).fill(model);
  await page.keyboard.press("Enter");
  await expect(picker(page, side)).toHaveAccessibleName(new RegExp(model, "i"));
}

test("two chosen models are compared by name, swapped, changed midway, and voted on apart from the board", async ({
  page,
}) => {
  await workers.startPair();
  await workers.start("kite");
  const arena = new BattlePage(page);
  const log = (name: RegExp) => page.getByRole("log", { name });
  await arena.open("/compare?a=heron&b=stork");
  await expect(page.getByRole("heading", { name: "Compare two models by name." })).toBeVisible();
  await expect(picker(page, "A")).toHaveAccessibleName(/heron/i);
  await page.getByRole("button", { name: "Swap sides" }).click();
  await expect(picker(page, "A")).toHaveAccessibleName(/stork/i);
  await expectNoViolation(page);
  const before = await (await page.request.get("/api/leaderboard")).json();

  await arena.ask("First question");
  await expect(log(/stork/i)).toContainText(scenarioText("plain"));
  await arena.voteOpens();
  await arena.ask("Second question [[mock:cjk]]");
  await expect(page.getByText("Turn 2")).toBeVisible();
  await arena.voteOpens();

  await page.getByRole("button", { name: "Swap sides" }).filter({ visible: true }).click();
  await expect(picker(page, "A")).toHaveAccessibleName(/heron/i);
  await arena.composer.fill("Typed meanwhile");
  await choose(page, "B", "kite");
  // Both prompts go to the new pair, one after the other; what was typed stays.
  await expect(page.getByText("Turn 2")).toBeVisible();
  await expect(log(/kite/i)).toContainText("👩‍👩‍👧‍👦");
  await arena.voteOpens();
  await expect(arena.composer).toHaveValue("Typed meanwhile");
  await expectNoViolation(page);

  await arena.voteButton("B is better").click();
  await expect(page.getByText("Vote saved: B is better.").first()).toBeVisible();
  await expect(page.getByText("Counted on the board of named comparisons.")).toBeVisible();
  expect(await (await page.request.get("/api/leaderboard")).json()).toEqual(before);
  await expectNoViolation(page);
});

const isAway = { status: 503, json: { error: { code: "database_unavailable", details: {} } } };

/** A comparison of two turns whose right model is changed, and the first prompt does not reach the new pair. */
async function changePairInVain(page: Page): Promise<BattlePage> {
  await workers.startPair();
  await workers.start("kite");
  const arena = new BattlePage(page);
  await arena.open("/compare?a=heron&b=stork");
  await arena.ask("First question");
  await arena.voteOpens();
  await arena.ask("Second question [[mock:cjk]]");
  await expect(page.getByText("Turn 2")).toBeVisible();
  await arena.voteOpens();
  await page.route("**/api/battles", (route) => route.fulfill(isAway), { times: 1 });
  await choose(page, "B", "kite");
  return arena;
}

test("what a new pair is still to be asked is kept where a prompt does not go out, and goes on at a word", async ({
  page,
}) => {
  const arena = await changePairInVain(page);
  await expect(page.getByText("2 of your earlier prompts still wait for the new pair.")).toBeVisible();
  // What went wrong and what waits are one notice: on a phone two of them cover the page.
  await expect(page.getByText("The server cannot reach its database just now.")).toContainText(
    "2 of your earlier prompts still wait for the new pair.",
  );
  await expect(arena.composer).toHaveValue("");
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("Turn 2")).toBeVisible();
  await expect(page.getByRole("log", { name: /kite/i })).toContainText("👩‍👩‍👧‍👦");
  await expect(page.getByText("still wait for the new pair.")).toHaveCount(0);
});

test("what a new pair is still to be asked waits after a reload, before and in its battle, and goes at a word", async ({
  page,
}) => {
  const arena = await changePairInVain(page);
  await expect(page.getByText("2 of your earlier prompts still wait for the new pair.")).toBeVisible();
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === "POST" && /^\/api\/battles(\/[^/]+\/turns)?$/.test(pathname))
      asked.push(pathname);
  });
  await page.reload();
  await expect(page.getByText("2 of your earlier prompts still wait for the new pair.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Compare two models by name." })).toBeVisible();
  await expect(arena.composer).toHaveValue("");
  await expectNoViolation(page);
  expect(asked).toEqual([]);

  await page.route("**/api/battles/*/turns", (route) => route.fulfill(isAway), { times: 1 });
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("1 of your earlier prompts still waits for the new pair.")).toBeVisible();
  expect(asked).toHaveLength(2);
  await page.reload();
  await expect(page.getByText("1 of your earlier prompts still waits for the new pair.")).toBeVisible();
  await arena.voteOpens();
  await expect(arena.composer).toHaveValue("");
  expect(asked).toHaveLength(2);

  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("Turn 2")).toBeVisible();
  await expect(page.getByRole("log", { name: /kite/i })).toContainText("👩‍👩‍👧‍👦");
  await page.reload();
  await expect(page.getByText("Turn 2")).toBeVisible();
  await arena.voteOpens();
  await expect(page.getByText("for the new pair.")).toHaveCount(0);
});

test("a blind vote takes reasons, leads to the same models by name, and stands in the history", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("A question to remember");
  await page.goto("/history");
  await expect(page.getByText("Models unnamed until your vote")).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText(/heron|stork/i);

  await page.getByRole("link", { name: "A question to remember" }).click();
  await arena.voteOpens();
  await arena.voteButton("A is better").click();
  await page.getByRole("button", { name: "Clearer" }).click();
  await page.getByRole("button", { name: "Comment" }).click();
  await page.getByRole("textbox", { name: "What made the difference" }).fill("It came to the point");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: /^Saved$/ })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Clearer" })).toHaveAttribute("aria-pressed", "true");

  await page.getByRole("link", { name: "Same models, named" }).click();
  await expect(page).toHaveURL(/\/compare\?a=/);
  await expect(picker(page, "B")).toHaveAccessibleName(/heron|stork/i);
  // The prompt comes along, ready to be sent.
  await expect(arena.composer).toHaveValue("A question to remember");

  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByText("A is better").first()).toBeVisible();
  await expect(page.getByRole("table")).toContainText(/heron/i);
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Not voted" }).click();
  await expect(page.getByText("No battle matches.")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filters" }).click();

  await page.getByRole("button", { name: "Delete all texts" }).click();
  await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.getByRole("button", { name: "Delete them for good" }).click();
  await expect(page.getByText("The text of 1 battle was removed.")).toBeVisible();
  await page.getByRole("link", { name: "Text removed" }).click();
  await expect(page.getByText("You removed the text of this battle.")).toBeVisible();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
});

test("a side that waits says how many are ahead, and names nothing", async ({ page, browser }) => {
  await workers.startPair({ scenario: "long", delayMs: 50, slots: 1 });
  // Three others come first: one is being answered, one waits inside the worker, one in line.
  const others = await Promise.all(
    ["1", "2", "3"].map(async (digit) => {
      const context = await browser.newContext({ baseURL: scriptedSite.url });
      const idempotencyKey = `00000000-0000-4000-8000-00000000000${digit}`;
      const response = await context.request.post("/api/battles", {
        data: { prompt: "Write for ever", idempotencyKey },
      });
      expect(response.status()).toBe(201);
      const { id } = (await response.json()) as { id: string };
      return { context, id };
    }),
  );
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("After the others");
  await expect(page.getByText("In line, 1 ahead").filter({ visible: true }).first()).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText(/heron|stork/i);
  for (const { context, id } of others) {
    await context.request.post(`/api/battles/${id}/stop`, { data: {} });
    await context.close();
  }
  await expect(arena.answer("A")).toContainText("Paragraph 1 ");
  await expect(page.getByText("In line, 1 ahead")).toHaveCount(0);
  await arena.composer.press("Escape");
  await arena.voteOpens();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in Chinese, ${colorScheme}, on a phone`, () => {
    test.use({
      colorScheme,
      locale: "zh-CN",
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });

    test("compare and history fit 390 pixels without a violation", async ({ page }) => {
      await workers.start("heron");
      await workers.start("stork");
      const arena = new BattlePage(page);
      for (const path of ["/history", "/compare"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectNoViolation(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
      await expect(picker(page, "B")).toHaveAccessibleName(/heron|stork/i);
      await arena.ask("你好");
      await expect(arena.voteButton("A 更好")).not.toHaveAttribute("aria-disabled", "true");
      await expectNoViolation(page);
      await arena.voteButton("A 更好").click();
      await expect(page.getByText("已保存：A 更好。").first()).toBeVisible();
      await expectNoViolation(page);
    });
  });
}
