import { expect, type Page, test } from "@playwright/test";
import { expectNoViolation } from "../fixtures/accessibility";
import { BattlePage } from "../fixtures/battle-page";
import { castBlindVote } from "../fixtures/blind-votes";
import { scriptedWorkers } from "../fixtures/scripted-workers";
import { admin, signUpAs } from "../fixtures/sign-up";
import { scriptedSite } from "../fixtures/sites";

const workers = scriptedWorkers();

const dialog = (page: Page) => page.getByRole("dialog");
const table = (page: Page, name: string) => page.getByRole("table", { name });

test("the console is for those who may: others are led to the sign-in, or told", async ({ page }) => {
  await page.goto("/admin/workers");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fadmin%2Fworkers/);
  await signUpAs(page, "moderator");
  await page.goto("/admin/workers");
  await expect(page.getByRole("heading", { name: "Not for this account" })).toBeVisible();
  await page.goto("/admin/moderation");
  await expect(page.getByRole("heading", { level: 1, name: "Moderation" })).toBeVisible();
  await expectNoViolation(page);
});

test("a worker is drained and resumed by keyboard, and the log says who did it", async ({ page }) => {
  await workers.start("heron");
  const { email } = await signUpAs(page, "admin");
  await page.goto("/admin/workers");
  const row = table(page, "Workers").getByRole("row").filter({ hasText: "heron" });
  await expect(row).toContainText("Healthy");
  await expectNoViolation(page);

  await row.getByRole("button", { name: /^Orders for/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Drain" }).press("Enter");
  await expect(dialog(page)).toContainText("No other healthy worker serves heron");
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Drain" }).press("Enter");
  // What has happened to it stands in a row of its own below.
  await expect(row.first()).toContainText("Drained");
  await expect(row.last()).toContainText(`Drained by ${email}`);
  await expect.poll(async () => (await (await page.request.get("/v1/models")).json()).data.length).toBe(0);

  await row.getByRole("button", { name: /^Orders for/ }).click();
  await page.getByRole("menuitem", { name: "Resume" }).click();
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("Healthy");

  await page.goto("/admin/audit?action=worker.");
  await expect(table(page, "Audit log").getByRole("row").filter({ hasText: email })).toHaveCount(2);
  await expectNoViolation(page);
});

test("a model is changed from the page and from the command line, and its history shows both", async ({
  page,
}) => {
  await workers.start("stork");
  await signUpAs(page, "admin");
  await page.goto("/admin/models");
  const row = table(page, "Models").getByRole("row").filter({ hasText: "stork" });
  await row.getByRole("button", { name: /^Edit/ }).click();
  await dialog(page).getByLabel("At a time").fill("many");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await expect(dialog(page)).toContainText("A whole number is needed");
  await dialog(page).getByLabel("At a time").fill("7");
  await dialog(page).getByLabel("Display name").fill("Stork 2");
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await expect(row).toContainText("Stork 2");
  await admin("models", "set", "stork", "--priority", "3", "--display-name", "stork");
  await row.getByRole("button", { name: /^History/ }).click();
  await expect(dialog(page).getByRole("listitem")).toHaveCount(2);
  await expect(dialog(page)).toContainText("priority");
});

test("a key is shown once and works until it is revoked", async ({ page }) => {
  await signUpAs(page, "admin");
  await page.goto("/admin/keys");
  await expectNoViolation(page);
  await page.getByRole("button", { name: "Make a key" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill("Lab of the tests");
  await dialog(page).getByLabel("Owner").fill("Lab");
  await dialog(page).getByRole("button", { name: "Make the key" }).click();
  const secret =
    (await dialog(page)
      .getByText(/^sk-arena-/)
      .textContent()) ?? "";
  const headers = { authorization: `Bearer ${secret}` };
  expect((await page.request.get("/v1/models", { headers })).status()).toBe(200);
  await dialog(page).getByRole("button", { name: "I have kept it" }).click();
  const row = table(page, "API keys").getByRole("row").filter({ hasText: "Lab of the tests" });
  await row.getByRole("button", { name: /^Revoke/ }).click();
  await dialog(page).getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Revoked");
  await expect.poll(async () => (await page.request.get("/v1/models", { headers })).status()).toBe(401);
});

test("a join token is rotated: both work for a while, and the new one is shown once", async ({ page }) => {
  await signUpAs(page, "admin");
  await page.goto("/admin/keys");
  await page.getByRole("button", { name: "Make a token" }).click();
  await dialog(page).getByLabel("Name", { exact: true }).fill("Box of the tests");
  await dialog(page).getByLabel("Models").fill("lab-*");
  await dialog(page).getByRole("button", { name: "Make the token" }).click();
  await dialog(page).getByRole("button", { name: "I have kept it" }).click();
  const rows = table(page, "Join tokens").getByRole("row").filter({ hasText: "Box of the tests" });
  await rows.getByRole("button", { name: "Rotate Box of the tests" }).click();
  await dialog(page).getByLabel("The old token ends").selectOption("in a day");
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Rotate" }).click();
  await expect(dialog(page).getByText(/^jt-arena-/)).toBeVisible();
  await dialog(page).getByRole("button", { name: "I have kept it" }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Valid");
  await expect(rows.last()).toContainText(/Until/);
  await expect(rows.filter({ hasText: "lab-*" })).toHaveCount(2);
});

test("a release is made from the page, with its progress, and the log says who did it", async ({ page }) => {
  const { email } = await signUpAs(page, "admin");
  await page.goto("/admin/data");
  const form = page.getByRole("region", { name: "Make a release" });
  await form.getByLabel("Name").fill("no/such name");
  await form.getByRole("button", { name: "Make it" }).click();
  await expect(form).toContainText("Letters, digits, dots and dashes only, at most 80.");
  await form.getByLabel("Name").fill("release-of-the-tests");
  await form.getByRole("button", { name: "Make it" }).click();
  await expect(form.getByRole("status")).toContainText("Release release-of-the-tests is made");
  await expect(table(page, "Data releases").getByRole("row", { name: /release-of-the-tests/ })).toBeVisible();
  await expectNoViolation(page);
  await form.getByLabel("Name").fill("release-of-the-tests");
  await form.getByRole("button", { name: "Make it" }).click();
  await expect(form).toContainText('There is a release named "release-of-the-tests" already.');
  const found = await page.request.get("/api/data/releases/release-of-the-tests/files/manifest.json");
  expect(found.status()).toBe(200);
  await page.goto("/admin/audit?action=release.");
  await expect(table(page, "Audit log").getByRole("row").filter({ hasText: email })).toHaveCount(1);
});

test("an exclusion shows what it rests on, and its votes, before it is taken back", async ({
  page,
  browser,
}) => {
  await workers.startPair();
  const visitor = await browser.newContext({ baseURL: scriptedSite.url });
  await castBlindVote(visitor.request, "tie");
  await visitor.close();
  const [vote] = (await admin("vote-log", "list")) as { id: string; visitorId: string }[];
  await admin("exclusions", "add", "--visitor", vote?.visitorId ?? "", "--note", "A bot, by its looks.");
  await signUpAs(page, "admin");
  await page.goto("/admin/votes");
  const row = table(page, "Exclusions").getByRole("row").filter({ hasText: "A bot, by its looks." });
  await row.getByRole("button", { name: /^Evidence/ }).click();
  await expect(dialog(page)).toContainText(`Every vote of the visitor ${vote?.visitorId.slice(-12)}.`);
  await expect(dialog(page).getByRole("listitem")).toHaveCount(1);
  await expect(dialog(page).getByRole("listitem")).toContainText("heron");
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "All its votes" }).click();
  await expect(table(page, "Recent votes").getByRole("row").filter({ hasText: "Excluded" })).toHaveCount(1);
  await row.getByRole("button", { name: /^Take back/ }).click();
  await expect(dialog(page)).toContainText("Note: A bot, by its looks.");
  await dialog(page).getByLabel("Why").fill("A person after all.");
  await dialog(page).getByRole("button", { name: "Take back" }).click();
  await expect(row).toContainText("Taken back by");
});

test("a setting is changed, refused where it makes no sense, and put back from its history", async ({
  page,
}) => {
  await signUpAs(page, "admin");
  await page.goto("/admin/site");
  const section = page.getByRole("form", { name: "Pacing of answers" });
  await section.getByLabel("Characters a second").fill("5");
  await section.getByRole("button", { name: "Save" }).click();
  await expect(section).toContainText("A number from 20 to 2000 is needed.");
  await section.getByLabel("Characters a second").fill("400");
  await section.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(() => admin("settings", "get", "--section", "pacing"))
    .toEqual({
      pacing: { charsPerSecond: 400 },
    });
  await expectNoViolation(page);
  await section.getByRole("button", { name: "History" }).click();
  await dialog(page).getByRole("button", { name: "Back to the defaults" }).click();
  await expect
    .poll(() => admin("settings", "get", "--section", "pacing"))
    .toEqual({
      pacing: { charsPerSecond: null },
    });
});

test("a prompt against the rules is refused with words that help, and what was typed stays", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.open();
  await arena.ask("I want to kill myself");
  await expect(page.getByText("988")).toBeVisible();
  await expect(arena.composer).toHaveValue("I want to kill myself");
});

test("a reader flags an answer, and a moderator hides it", async ({ page, browser, baseURL }) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("A prompt to flag");
  await expect(page.getByRole("button", { name: /^Flag the answer/ })).toHaveCount(0);
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
  await page
    .getByRole("button", { name: /^Flag the answer of/ })
    .last()
    .click();
  await dialog(page).getByRole("radio", { name: "Hate or harassment" }).check();
  await dialog(page).getByLabel("More, optional").fill("Look at this.");
  await expectNoViolation(page);
  await dialog(page).getByRole("button", { name: "Send" }).click();
  await expect(dialog(page)).toContainText("Flagged. A moderator will look at it.");

  const context = await browser.newContext({ baseURL: baseURL ?? "" });
  const moderator = await context.newPage();
  await signUpAs(moderator, "moderator");
  await moderator.goto("/admin/moderation");
  const item = moderator.getByRole("article").filter({ hasText: "A prompt to flag" });
  await expect(item).toContainText("Look at this.");
  await expectNoViolation(moderator);
  await item.getByRole("button", { name: "Act" }).click();
  await dialog(moderator).getByRole("button", { name: "Act" }).click();
  await expect(dialog(moderator)).toContainText("A reason is needed.");
  await dialog(moderator).getByLabel("Why").fill("Against the rules.");
  await dialog(moderator).getByRole("button", { name: "Act" }).click();
  await expect(item).toHaveCount(0);
  await context.close();

  await page.reload();
  await expect(page.getByText("A moderator has hidden this answer.")).toBeVisible();
});

test("a published battle is flagged by a stranger, hidden, shown again, and taken out for good", async ({
  page,
  browser,
  baseURL,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("A prompt for strangers");
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();
  await page.getByRole("checkbox", { name: "Publish the text of this battle with the vote data" }).check();
  await expect(page.getByText("Published with the next release, until you untick it.")).toBeVisible();
  const id = new URL(page.url()).searchParams.get("battle") ?? "";
  const statusOf = async (path: string) => (await page.request.get(path)).status();

  const context = await browser.newContext({ baseURL: baseURL ?? "" });
  const stranger = await context.newPage();
  await stranger.goto(`/battles/${id}`);
  await stranger.getByRole("button", { name: /^Flag the answer of/ }).click();
  await dialog(stranger).getByLabel("More, optional").fill("Seen by a stranger.");
  await expectNoViolation(stranger);
  await dialog(stranger).getByRole("button", { name: "Send" }).click();
  await expect(dialog(stranger)).toContainText("Flagged. A moderator will look at it.");
  await context.close();

  await signUpAs(page, "moderator");
  await page.goto("/admin/moderation");
  const item = page.getByRole("article").filter({ hasText: "A prompt for strangers" });
  await expect(item).toContainText("Seen by a stranger.");
  await expect(item).toContainText("Published");
  const row = table(page, "Battles in the vote data")
    .getByRole("row")
    .filter({ hasText: "A prompt for strangers" });
  await expect(row).toBeVisible();
  await item.getByRole("button", { name: "Act" }).click();
  await dialog(page).getByLabel("Why").fill("Against the rules.");
  await dialog(page).getByRole("button", { name: "Act" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(item).toHaveCount(0);
  for (const path of [`/battles/${id}`, "/models/heron", "/models/stork"])
    expect(await statusOf(path), path).toBe(path.startsWith("/battles") ? 404 : 200);

  await page.getByRole("group", { name: "State" }).getByText("Resolved").click();
  await item.getByRole("button", { name: "Show again" }).click();
  await expectNoViolation(page);
  await dialog(page).getByLabel("Why").fill("A mistake.");
  await dialog(page).getByRole("button", { name: "Show again" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(item.getByRole("button", { name: "Show again" })).toHaveCount(0);
  expect(await statusOf(`/battles/${id}`)).toBe(200);

  await page.reload();
  await row.getByRole("button", { name: /^Take down/ }).click();
  await expectNoViolation(page);
  await dialog(page).getByLabel("Why").fill("Spam.");
  await dialog(page).getByRole("button", { name: "Take down" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(row).toHaveCount(0);
  expect(await statusOf(`/battles/${id}`)).toBe(404);
});

test("a policy is put in force only after its effect was seen", async ({ page }) => {
  await workers.startPair();
  await signUpAs(page, "admin");
  await page.goto("/admin/sampling");
  const save = page.getByRole("button", { name: "Put in force" });
  await page.getByLabel("Share for newcomers").fill("0.7");
  await expect(save).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Show the effect" }).click();
  await expect(page.getByRole("heading", { name: /^After 5,000 more votes/ })).toBeVisible();
  await expectNoViolation(page);
  await page.getByLabel("Share for newcomers").fill("0.6");
  await expect(save).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Show the effect" }).click();
  await expect(save).not.toHaveAttribute("aria-disabled", "true");
  await save.click();
  await expect
    .poll(async () => (await admin("sampling", "get")) as object)
    .toMatchObject({ policy: { newcomerShare: 0.6 } });
  await admin("sampling", "set", "{}");
});

const pages = [
  "workers",
  "queues",
  "models",
  "votes",
  "sampling",
  "moderation",
  "keys",
  "people",
  "data",
  "site",
  "audit",
];

for (const colorScheme of ["light", "dark"] as const) {
  for (const locale of ["en-US", "zh-CN"]) {
    test.describe(`${colorScheme}, ${locale}`, () => {
      test.use({ colorScheme, locale });

      test("no page of the console has a violation, at either width", async ({ page, browser, baseURL }) => {
        await workers.start("heron");
        const english = await browser.newContext({ baseURL: baseURL ?? "", locale: "en-US" });
        await signUpAs(await english.newPage(), "admin");
        await page
          .context()
          .addCookies((await english.cookies()).filter(({ name }) => !name.includes("LOCALE")));
        await english.close();
        for (const width of [1440, 390]) {
          await page.setViewportSize({ width, height: 900 });
          for (const name of pages) {
            await page.goto(`/admin/${name}`);
            await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
            await page.waitForLoadState("networkidle");
            await expectNoViolation(page);
            const isWider = await page.evaluate(
              () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
            );
            expect([name, width, isWider]).toEqual([name, width, false]);
          }
        }
      });
    });
  }
}
