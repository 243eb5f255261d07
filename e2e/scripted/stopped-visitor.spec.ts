import { expect, test } from "@playwright/test";
import { adminCommand } from "../fixtures/admin-command";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();

type Queue = { items: { subjectId: string; prompt: string; visitorId: string }[] };

test("whom a moderator stops is told so at the vote and at the next prompt, and goes on reading", async ({
  page,
}) => {
  await workers.start("heron");
  await workers.start("stork");
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("A prompt that leads to a stop");
  await arena.voteOpens();
  await arena.voteButton("Tie").click();
  await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
  const battleId = /[0-9a-f-]{36}/.exec(page.url())?.[0];
  const flag = { subject: { kind: "battle", battleId, side: "a" }, reason: "harmful" };
  expect((await page.request.post("/api/flags", { data: flag })).status()).toBe(201);

  await arena.open();
  await arena.ask("Open while it happens");
  await arena.voteOpens();
  const { items } = (await adminCommand("moderation", "list")) as Queue;
  const flagged = items.find(({ prompt }) => prompt === "A prompt that leads to a stop");
  if (flagged === undefined) throw new Error("The flag is not in the queue.");
  await adminCommand(
    ...["moderation", "resolve", flagged.subjectId, "--note", "abuse", "--actions", "disable_visitor"],
  );

  await arena.voteButton("A is better").click();
  const words = "A moderator has stopped what comes from this browser or account.";
  await expect(page.getByRole("alert").filter({ hasText: "The vote was not saved" })).toContainText(words);
  // Once more would change nothing.
  await expect(page.getByRole("button", { name: "Save it again" })).toBeHidden();
  await arena.ask("And a follow-up");
  await expect(page.getByRole("status").filter({ hasText: words })).toBeVisible();
  await expect(arena.composer).toHaveValue("And a follow-up");
  await expect(arena.answer("A")).toContainText("scripted answer");

  await adminCommand("moderation", "enable", flagged.visitorId);
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
});
