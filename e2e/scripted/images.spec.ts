import { readFile } from "node:fs/promises";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { chunk, png } from "@/lib/attachments/test-support";
import { BattlePage } from "../fixtures/battle-page";
import { ChatPage } from "../fixtures/chat-page";
import { scriptedWorkers } from "../fixtures/scripted-workers";

const workers = scriptedWorkers();
const secret = "GPS 52.52 N";
const photo = (width = 40, height = 30) => ({
  name: "photo.png",
  mimeType: "image/png",
  buffer: png({ width, height, extra: [chunk("tEXt", Buffer.from(secret))] }),
});

/** As a person does it: the button opens the chooser. */
async function choose(page: Page, file: ReturnType<typeof photo>): Promise<void> {
  const opens = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add an image" }).click();
  await (await opens).setFiles(file);
}

/** A file in the clipboard, or dragged over the page. */
async function give(target: Locator, type: "paste" | "drop", bytes: Buffer): Promise<void> {
  await target.evaluate(
    (element, { kind, data }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(data)], "shot.png", { type: "image/png" }));
      const event =
        kind === "paste"
          ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
    },
    { kind: type, data: [...bytes] },
  );
}

test("a battle with an image is between models that read it, and the image goes with its text", async ({
  page,
}) => {
  await workers.startPair({ vision: true });
  await workers.start("mole");
  const arena = new BattlePage(page);
  await arena.open();
  await choose(page, photo());
  await expect(page.getByRole("img", { name: "photo.png" })).toBeVisible();
  await arena.ask("What do you see?");
  await arena.voteOpens();
  const shown = page.getByRole("list", { name: "Images of the prompt" }).getByRole("link");
  const path = (await shown.first().getAttribute("href")) ?? "";
  const stored = await page.request.get(path);
  const bytes = await stored.body();
  expect(stored.headers()["content-security-policy"]).toContain("sandbox");
  for (const side of ["A", "B"] as const)
    await expect(arena.answer(side)).toContainText(`Image: image/png, ${bytes.length} bytes.`);

  await page.reload();
  await expect(shown.first().getByRole("img")).toHaveJSProperty("naturalWidth", 40);
  await arena.voteButton("Tie").click();
  await expect(page.getByText("Vote saved: Tie.").first()).toBeVisible();
  await page.goto("/history");
  await page.getByRole("button", { name: "Remove the text of this battle" }).first().click();
  await page.getByRole("button", { name: "Remove the text", exact: true }).click();
  await expect.poll(async () => (await page.request.get(path)).status()).toBe(404);
});

test("an image that is sent past the page is kept without its metadata", async ({ page }) => {
  // The page draws each image anew, and its text is lost there already: this one goes as it is.
  await page.goto("/");
  const { buffer } = photo();
  expect(buffer.includes(secret)).toBe(true);
  const sent = await page.request.post("/api/attachments", {
    headers: { "content-type": "image/png" },
    data: buffer,
  });
  expect(sent.status()).toBe(201);
  const { id } = (await sent.json()) as { id: string };
  const kept = await (await page.request.get(`/api/attachments/${id}`)).body();
  expect(kept.subarray(1, 4).toString()).toBe("PNG");
  expect(kept.includes(secret)).toBe(false);
});

test("a picture from the clipboard or from a file manager is scaled down, and can be taken off again", async ({
  page,
}) => {
  await workers.startPair({ vision: true });
  const arena = new BattlePage(page);
  await arena.open();
  await give(arena.composer, "paste", png({ width: 3_000, height: 1_500 }));
  await give(arena.composer, "drop", png({ width: 64, height: 64 }));
  const list = page.getByRole("list", { name: "2 images with this message" });
  await expect(list.getByRole("img")).toHaveCount(2);
  await page.getByRole("button", { name: "Remove shot.png" }).last().click();
  await page.reload();
  // What was chosen survives a reload as what was typed does.
  await expect(page.getByRole("list", { name: "1 image with this message" })).toBeVisible();
  await arena.ask("And this?");
  await arena.voteOpens();
  const image = page.getByRole("list", { name: "Images of the prompt" }).getByRole("img");
  await expect(image).toHaveJSProperty("naturalWidth", 1_568);
  await expect(image).toHaveJSProperty("naturalHeight", 784);
});

test("where models cannot read images the page says so, and keeps what was typed", async ({ page }) => {
  await workers.start("heron", { vision: true });
  await workers.start("mole");
  const arena = new BattlePage(page);
  await arena.open();
  await arena.composer.fill("Half a sentence");
  await give(arena.composer, "paste", png());
  await expect(
    page.getByText("An image needs two models that can read images, and fewer are being served."),
  ).toBeVisible();
  await expect(arena.composer).toHaveValue("Half a sentence");

  // A file that is no image, where images are welcome.
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await choose(page, { ...photo(), buffer: Buffer.from("<svg onload='alert(1)'/>") });
  await expect(page.getByText("This file is not a JPEG, PNG or WebP image")).toBeVisible();
  await page.getByRole("button", { name: "Model: heron" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^mole/ }).click();
  await expect(page.getByRole("button", { name: "A model chosen here cannot read images." })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
});

test("chat and compare send images to the models that were chosen for it", async ({ page }) => {
  await workers.startPair({ vision: true });
  const chat = new ChatPage(page);
  await chat.openWith("heron");
  await choose(page, photo());
  await expect(page.getByRole("img", { name: "photo.png" })).toBeVisible();
  await chat.ask("What is it?");
  await expect(chat.answer("heron")).toContainText("Image: image/png");
  await expect(chat.prompt("What is it?").getByRole("img")).toBeVisible();
  // The exported document shows it without the site.
  const arriving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "Markdown, this branch" }).click();
  const text = await readFile(await (await arriving).path(), "utf8");
  expect(text).toContain("![Image 1, PNG, 40 × 30][image-1]\n\nWhat is it?");
  expect(text).toMatch(/^\[image-1\]: data:image\/png;base64,iVBORw0K/m);

  await page.goto("/compare?a=heron&b=stork");
  const arena = new BattlePage(page);
  await choose(page, photo());
  await expect(page.getByRole("img", { name: "photo.png" })).toBeVisible();
  await arena.ask("What is it?");
  for (const name of ["heron", "stork"])
    await expect(page.getByRole("log", { name: new RegExp(name) })).toContainText("Image: image/png");
});
