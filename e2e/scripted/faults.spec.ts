import { expect, test } from "@playwright/test";
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

test("a vote that could not be saved is kept, and saved once", async ({ page }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Anything");
  // The server gets the vote and stores it; only its answer is lost on the way.
  let tries = 0;
  await page.route("**/vote", async (route) => {
    tries += 1;
    if (tries > 1) return route.continue();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await arena.voteButton("Both are bad").click();
  await expect(page.getByText("The vote was not saved")).toBeVisible();
  const before = await (await page.request.get("/api/leaderboard")).json();
  await page.getByRole("button", { name: "Save it again" }).click();
  await expect(page.getByText("Vote saved: Both are bad.").first()).toBeVisible();
  const after = await (await page.request.get("/api/leaderboard")).json();
  expect(after.votes).toBe(before.votes);
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
