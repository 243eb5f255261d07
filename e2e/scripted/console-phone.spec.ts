import { randomUUID } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { blindBattleSchema, shareViewSchema } from "@/lib/protocol";
import { expectNoViolation } from "../fixtures/accessibility";
import { scriptedWorkers } from "../fixtures/scripted-workers";
import { admin, signUpAs } from "../fixtures/sign-up";

// What an operator does on a phone when something is wrong: each deed with taps alone, at 390 pixels.

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

const workers = scriptedWorkers();
const dialog = (page: Page) => page.getByRole("dialog");

/** It is in sight without scrolling sideways, and large enough for a thumb. */
async function expectInReach(page: Page, name: RegExp | string, row = page.locator("body")): Promise<void> {
  const button = row.getByRole("button", { name }).filter({ visible: true });
  await expect(button).toHaveCount(1);
  await button.scrollIntoViewIfNeeded();
  const box = await button.boundingBox();
  if (box === null) throw new Error(`${name} is not shown.`);
  expect(box.x, `${name}: left`).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width, `${name}: right`).toBeLessThanOrEqual(390);
  expect(Math.min(box.width, box.height), `${name}: size`).toBeGreaterThanOrEqual(24);
}

test("a worker is drained", async ({ page, request }) => {
  await workers.start("heron");
  await signUpAs(page, "admin");
  await page.goto("/admin/workers");
  const item = page.getByRole("list", { name: "Workers" }).getByRole("listitem").filter({ hasText: "heron" });
  await expectInReach(page, /^Orders for/, item);
  await item.getByRole("button", { name: /^Orders for/ }).tap();
  await page.getByRole("menuitem", { name: "Drain" }).tap();
  await expect(dialog(page)).toContainText("No other healthy worker serves heron");
  await expectInReach(page, "Drain", dialog(page));
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Drain" }).tap();
  await expect(item).toContainText("Drained");
  await expect.poll(async () => (await (await request.get("/v1/models")).json()).data.length).toBe(0);
});

test("a model is retired", async ({ page, request }) => {
  await workers.start("heron");
  // One of its own: what other tests change has its history.
  await workers.start("curlew");
  await signUpAs(page, "admin");
  await page.goto("/admin/models");
  const row = page.getByRole("row").filter({ hasText: "curlew" });
  await expectInReach(page, /^Edit/, row);
  await row.getByRole("button", { name: /^Edit/ }).tap();
  await dialog(page).getByLabel("Stage").selectOption("Retired");
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Save" }).tap();
  await expect(row).toContainText("Retired");
  const served = async () =>
    ((await (await request.get("/v1/models")).json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  await expect.poll(served).toEqual(["heron"]);
  await admin("models", "set", "curlew", "--stage", "public");
});

test("a published page is taken down", async ({ page, playwright, baseURL }) => {
  await workers.startPair();
  const visitor = await playwright.request.newContext({ baseURL: baseURL ?? "" });
  const prompt = "A page that has to go";
  const started = await visitor.post("/api/battles", { data: { prompt, idempotencyKey: randomUUID() } });
  const { id } = blindBattleSchema.parse(await started.json());
  await expect
    .poll(async () => blindBattleSchema.parse(await (await visitor.get(`/api/battles/${id}`)).json()).status)
    .toBe("ready");
  const vote = { outcome: "a", idempotencyKey: randomUUID() };
  expect((await visitor.post(`/api/battles/${id}/vote`, { data: vote })).ok()).toBe(true);
  const shared = await visitor.post("/api/shares", { data: { battleId: id, finds: { do: "hide" } } });
  const { token } = shareViewSchema.parse(await shared.json());
  expect((await visitor.get(`/s/${token}`)).status()).toBe(200);

  await signUpAs(page, "moderator");
  await page.goto("/admin/moderation");
  const takeDown = page.getByRole("button", { name: `Take down ${prompt}` });
  await takeDown.scrollIntoViewIfNeeded();
  await takeDown.tap();
  await dialog(page).getByLabel("Why").fill("Harmful.");
  await expectInReach(page, "Take down", dialog(page));
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Take down" }).tap();
  // While it is open, the page behind it is hidden from everybody.
  await expect(dialog(page)).toHaveCount(0);
  await expect(takeDown).toHaveCount(0);
  expect((await visitor.get(`/s/${token}`)).status()).toBe(404);
  await visitor.dispose();
});
