import { type Browser, expect, type Page, test } from "@playwright/test";
import { z } from "zod";
import { expectNoViolation } from "../fixtures/accessibility";
import { adminCommand } from "../fixtures/admin-command";
import { BattlePage } from "../fixtures/battle-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const password = "correct horse battery";
const linkSchema = z.object({ link: z.url() });

async function fillSignUp(page: Page, email: string, name = "Ada") {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.waitForURL("/");
}

async function signUp(page: Page, email: string) {
  await page.goto("/sign-up");
  await fillSignUp(page, email);
}

async function signIn(page: Page, email: string, withPassword = password) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(withPassword);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const accountMenu = (page: Page) => page.getByRole("button", { name: "Account of Ada" });

async function otherBrowser(browser: Browser): Promise<Page> {
  return await (await browser.newContext()).newPage();
}

test("what a visitor did goes into the account, out of sight at the sign-out, and back at the sign-in", async ({
  page,
}) => {
  await workers.startPair();
  const arena = new BattlePage(page);
  await arena.begin("Asked before there was an account");
  await arena.voteButton("A is better").click();
  await expect(page.getByText("Vote saved: A is better.").first()).toBeVisible();

  await signUp(page, "merge@example.org");
  await expect(accountMenu(page)).toBeVisible();
  await page.goto("/history");
  await expect(page.getByText("Asked before there was an account")).toBeVisible();

  await accountMenu(page).click();
  await expect(page.getByRole("menuitem", { name: "API keys" })).toBeVisible();
  await expectNoViolation(page);
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await page.goto("/history");
  await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
  await expect(page.getByText("Asked before there was an account")).toHaveCount(0);

  await signIn(page, "merge@example.org", "not the password");
  await expect(page.getByText("The e-mail address and the password do not go together.")).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue("merge@example.org");
  await signIn(page, "merge@example.org");
  await page.waitForURL("/");
  await page.goto("/history");
  await expect(page.getByText("Asked before there was an account")).toBeVisible();
});

test("a key is made, shown once, works, is counted, and opens nothing once it is revoked", async ({
  page,
  request,
}) => {
  await workers.start("heron");
  await signUp(page, "keys@example.org");
  await page.goto("/account/keys");
  await page.getByLabel("Name").fill("Notebook");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("heading", { name: "Notebook is ready" })).toBeFocused();
  const secret = (await page.getByText(/^sk-arena-[\w-]{50,}$/).textContent()) ?? "";
  await expectNoViolation(page);
  await page.reload();
  await expect(page.getByText("Notebook", { exact: true })).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);

  const call = () =>
    request.post("/v1/chat/completions", {
      headers: { authorization: `Bearer ${secret}` },
      data: { model: "heron", messages: [{ role: "user", content: "Hello" }] },
    });
  expect((await call()).status()).toBe(200);
  const counted = async () => (await (await page.request.get("/api/account/usage")).json()).rows.length;
  await expect.poll(counted).toBe(1);
  await page.goto("/account/usage");
  await expect(page.getByRole("img", { name: /^Requests by day: 1 in 30 days$/ })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "heron" })).toBeVisible();
  await expectNoViolation(page);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await download).suggestedFilename()).toBe("usage.csv");

  await page.goto("/account/keys");
  await page.getByRole("button", { name: "Revoke Notebook" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(page.getByText("1 revoked key")).toBeVisible();
  await expect.poll(async () => (await call()).status()).toBe(401);
});

test("a session that is ended elsewhere is over, and so is one whose account is disabled", async ({
  page,
  browser,
}) => {
  await signUp(page, "sessions@example.org");
  const other = await otherBrowser(browser);
  await signIn(other, "sessions@example.org");
  await expect(accountMenu(other)).toBeVisible();
  await page.goto("/account");
  await page.getByRole("button", { name: "End all others" }).click();
  await expect(page.getByText("All other sessions have ended.")).toBeVisible();
  await other.goto("/account/keys");
  await expect(other).toHaveURL(/\/sign-in\?next=/);
  // Signing in leads to where one wanted to go.
  await other.getByLabel("E-mail").fill("sessions@example.org");
  await other.getByLabel("Password").fill(password);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other).toHaveURL("/account/keys");

  await adminCommand("users", "disable", "sessions@example.org");
  for (const one of [page, other]) {
    await one.goto("/account");
    await expect(one).toHaveURL(/\/sign-in/);
  }
  await signIn(page, "sessions@example.org");
  await expect(page.getByText("This account is disabled.")).toBeVisible();
  await other.context().close();
});

test("links invite with a role and set a new password, once each", async ({ page, browser }) => {
  const invitation = linkSchema.parse(await adminCommand("users", "invite", "--role", "moderator")).link;
  await page.goto(invitation);
  await expect(page.getByText("The account gets the role: Moderator.")).toBeVisible();
  await fillSignUp(page, "invited@example.org");
  await page.goto("/account");
  await expect(page.getByText("Moderator", { exact: true })).toBeVisible();

  const other = await otherBrowser(browser);
  await other.goto(invitation);
  await expect(other.getByText("This link has been used, has expired, or was withdrawn.")).toBeVisible();
  const reset = linkSchema.parse(await adminCommand("users", "reset-link", "invited@example.org")).link;
  await other.goto(reset);
  await other.getByLabel("New password").fill("another good password");
  await other.getByRole("button", { name: "Set the password" }).click();
  await expect(other.getByText("The password is set.")).toBeVisible();
  await page.goto("/account");
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(other, "invited@example.org", "another good password");
  await expect(accountMenu(other)).toBeVisible();
  await other.context().close();
});

test("the account is deleted by whoever knows its password, and its address is free again", async ({
  page,
}) => {
  await signUp(page, "gone@example.org");
  await page.goto("/account");
  await page.getByRole("button", { name: "Delete account" }).click();
  await page.getByLabel("Your password, to confirm").fill("not the password");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("That does not match. Nothing was deleted.")).toBeVisible();
  await page.getByLabel("Your password, to confirm").fill(password);
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.waitForURL("/");
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await signUp(page, "gone@example.org");
});

for (const [colorScheme, locale] of [
  ["light", "en-US"],
  ["dark", "en-US"],
  ["light", "zh-CN"],
  ["dark", "zh-CN"],
] as const) {
  test(`every page of the account is free of what axe finds, and fits a phone (${colorScheme}, ${locale})`, async ({
    browser,
  }) => {
    const viewport = { width: 390, height: 844 };
    const context = await browser.newContext({ colorScheme, locale, viewport });
    const page = await context.newPage();
    for (const path of ["/sign-in", "/sign-up", "/reset-password"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectNoViolation(page);
    }
    const body = { email: `axe-${colorScheme}-${locale}@example.org`, name: "Ada", password };
    expect((await page.request.post("/api/auth/sign-up", { data: body })).status()).toBe(201);
    for (const path of ["/account", "/account/keys", "/account/usage"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
      await expectNoViolation(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBe(0);
    }
    await context.close();
  });
}
