import { randomUUID } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import type { RevealedBattle } from "@/lib/protocol";
import { scenarioText } from "@/workers/engine/mock/scenarios";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();

test("a reload in the middle re-attaches without losing or doubling a character", async ({ page }) => {
  await workers.startPair({ scenario: "slow" });
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Tell me something slowly");
  await expect(arena.answer("A")).toContainText("scripted answer");
  await page.reload();
  await arena.voteOpens();
  for (const side of ["A", "B"] as const)
    await expect(arena.answer(side)).toContainText(scenarioText("slow"));
  expect(await arena.answer("A").textContent()).not.toContain(
    `${scenarioText("slow")}${scenarioText("slow")}`,
  );
});

test("a side that dies says so, keeps the vote shut, and can be tried again", async ({ page }) => {
  await workers.start("heron");
  const dying = await workers.start("stork", { scenario: "dies" });
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Go on until you die");
  const again = page.getByRole("button", { name: /Try [AB] again/ });
  await expect(again).toBeVisible();
  await expect(again).toBeFocused();
  await expect(arena.voteButton("Tie")).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByText("A failed answer is never counted as a loss.")).toBeVisible();

  await dying.stop();
  await workers.start("stork");
  await page.keyboard.press("r");
  await arena.voteOpens();
  for (const side of ["A", "B"] as const)
    await expect(arena.answer(side)).toContainText(scenarioText("plain"));
});

test("stop keeps what is written and opens the vote", async ({ page }) => {
  await workers.startPair({ scenario: "long", delayMs: 50 });
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Write for ever");
  await expect(arena.answer("B")).toContainText("Paragraph 1 ");
  await arena.composer.press("Escape");
  await arena.voteOpens();
  await expect(page.getByText("Stopped by you").filter({ visible: true }).first()).toBeVisible();
  await expect(arena.answer("B")).toContainText("Paragraph 1 ");
});

test("without models the prompt is kept and goes out as soon as there are two", async ({ page }) => {
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Is anybody there?");
  await expect(page.getByText("No model is free just now. Your prompt is kept")).toBeVisible();
  await workers.startPair();
  await arena.voteOpens();
  await expect(arena.answer("A")).toContainText(scenarioText("plain"));
});

/** Requests that reach the server, which answers them; the first so many answers are lost on the way. */
async function loseAnswers(page: Page, pattern: string, count: number): Promise<void> {
  let lost = 0;
  await page.route(pattern, async (route) => {
    if (route.request().method() !== "POST" || lost === count) return route.fallback();
    lost += 1;
    await route.fetch();
    return route.abort("connectionreset");
  });
}

test("a vote that could not be saved is kept, and saved once", async ({ page }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Anything");
  // The server gets the vote and stores it; only its answer is lost on the way, and with it every other way to hear of it.
  await page.route("**/events", (route) => route.abort());
  await loseAnswers(page, "**/vote", 1);
  await arena.voteButton("Both are bad").click();
  await expect(page.getByText("The vote was not saved")).toBeVisible();
  const before = await (await page.request.get("/api/leaderboard")).json();
  await page.getByRole("button", { name: "Save it again" }).click();
  await expect(page.getByText("Vote saved: Both are bad.").first()).toBeVisible();
  const after = await (await page.request.get("/api/leaderboard")).json();
  expect(after.votes).toBe(before.votes);
});

test("a vote whose answer alone is lost is found by the page itself", async ({ page }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Anything");
  await loseAnswers(page, "**/vote", 1);
  await arena.voteButton("Both are bad").click();
  await expect(page.getByText("Vote saved: Both are bad.").first()).toBeVisible();
});

test("a prompt whose answer is lost is there once and is read, whether it begins a battle or goes on with one", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await loseAnswers(page, "**/api/battles", 1);
  await arena.begin("Lost at first");
  await loseAnswers(page, "**/turns", 2);
  await arena.ask("Lost twice");
  await expect(page.getByText("Turn 2")).toBeVisible();
  await arena.voteOpens();
  await expect(page.getByText("Turn 3")).toHaveCount(0);
  for (const side of ["A", "B"] as const)
    await expect(arena.answer(side).locator(".answer")).toHaveText([
      scenarioText("plain"),
      scenarioText("plain"),
    ]);
  await expect(arena.composer).toHaveValue("");
});

test("a prompt whose answer stays lost comes back, unless the battle turns out to hold it", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("First");
  await loseAnswers(page, "**/turns", 3);
  await arena.ask("Second");
  // The stream tells that it is there: nothing is left to be sent.
  await expect(page.getByText("Turn 2")).toBeVisible();
  await arena.voteOpens();
  await expect(arena.composer).toHaveValue("");
  await expect(page.getByText("The connection dropped.")).toHaveCount(0);
});

test("Esc while a follow-up is on its way stops it as soon as it runs", async ({ page }) => {
  await workers.startPair({ scenario: "long", delayMs: 50 });
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Write for ever [[mock:plain]]");
  await arena.voteOpens();
  const stopped = page.waitForRequest("**/stop");
  await page.route("**/turns", async (route) => {
    await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
    await arena.composer.press("Escape");
    await expect(page.getByRole("button", { name: "Stop" })).toHaveAttribute("aria-disabled", "true");
    return route.continue();
  });
  await arena.ask("And again");
  await stopped;
  await expect(page.getByText("Stopped by you").filter({ visible: true }).first()).toBeVisible();
});

test("two answers without a word are not voted on, and the page says why", async ({ page }) => {
  await workers.startPair({ scenario: "empty" });
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("Say nothing");
  await expect(page.getByText("There are not two answers to compare here.").first()).toBeVisible();
  for (const side of ["A", "B"] as const)
    await expect(arena.answer(side).getByText("The answer is empty.")).toBeVisible();
  await expect(arena.voteButton("Tie")).toHaveAttribute("aria-disabled", "true");
  const id = new URL(page.url()).searchParams.get("battle");
  const data = { outcome: "a", idempotencyKey: randomUUID() };
  const refused = await page.request.post(`/api/battles/${id}/vote`, { data });
  expect(((await refused.json()) as { error: { code: string } }).error.code).toBe("nothing_to_compare");
  await arena.ask("Say something [[mock:plain]]");
  await arena.voteOpens();
});

test("parts of the page that cannot be fetched at first come later, and nothing is lost", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  let isAway = true;
  // The answers' own part and the Markdown renderer, by what is written in them.
  await page.route("**/_next/static/chunks/**", async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    const isPart = body.includes("snap-mandatory") || body.includes("linkSafety");
    return isAway && isPart ? route.abort("connectionreset") : route.fulfill({ response, body });
  });
  await arena.open();
  await arena.ask("Show me [[mock:markdown]]");
  await expect(page.getByText("This part of the page has not arrived yet.")).toBeVisible();
  isAway = false;
  await expect(arena.answer("A").getByRole("heading", { name: "A short report" })).toBeVisible();
  await arena.voteOpens();
});

test("reasons and a comment are kept where the page is left at once", async ({ page }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Anything");
  const id = new URL(page.url()).searchParams.get("battle");
  await arena.voteButton("A is better").click();
  const reasons = async () => {
    const { reasons: given } = (await (
      await page.request.get(`/api/battles/${id}`)
    ).json()) as RevealedBattle;
    return given;
  };
  // Each answer comes late, so that the page is left between two saves.
  await page.route("**/reasons", async (route) => {
    const response = await route.fetch();
    await left;
    return route.fulfill({ response });
  });
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  await page.getByRole("button", { name: "Clearer" }).click();
  await page.getByRole("button", { name: "Better code" }).click();
  await page.getByRole("button", { name: "Comment" }).click();
  await page.getByRole("textbox", { name: "What made the difference" }).fill("To the point");
  await page.getByRole("button", { name: "New battle" }).click();
  leave();
  await expect.poll(reasons).toEqual({ reasons: ["clarity", "code"], comment: "To the point" });
});

test("follow-ups go to the same two models, and the last prompt can be edited", async ({ page }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("First question");
  await arena.ask("Second question [[mock:cjk]]");
  await expect(arena.answer("B")).toContainText("👩‍👩‍👧‍👦");
  await arena.voteOpens();
  await expect(page.getByText("Turn 2")).toBeVisible();
  await page.getByRole("button", { name: "Edit and resend" }).click();
  await page
    .getByRole("textbox", { name: "Edit the prompt" })
    .fill("Second question, mended [[mock:markdown]]");
  await page.getByRole("button", { name: "Resend" }).click();
  await expect(arena.answer("A").getByRole("heading", { name: "A short report" })).toBeVisible();
  await expect(arena.answer("A").getByRole("table")).toBeVisible();
  await arena.voteOpens();
});
