import { expect, test } from "@playwright/test";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();

test("a diagram is drawn, its text is one press away, and one with a fault stays readable", async ({
  page,
}) => {
  await workers.startPair({ scenario: "diagram" });
  const arena = new BattlePage(page);
  await arena.begin("Draw the way of a vote");
  const answer = arena.answer("A");
  const picture = answer.getByRole("img", { name: /^Diagram/ });
  await expect(picture).toBeVisible();
  // A picture has no size until it could be decoded.
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(100);
  await answer.getByRole("button", { name: "Source" }).click();
  await expect(answer.getByText("vote[Vote] --> counts[Counts]")).toBeVisible();
  await expect(answer.getByText("Not drawn")).toBeVisible();
  await expect(answer.getByText("a --> --> b[")).toBeVisible();
});
