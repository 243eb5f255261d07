import { Readable } from "node:stream";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, it } from "vitest";
import type { ModerationDeps } from "./moderation";
import { type Input, moderationRig, prompt, scores } from "./testing/moderation-rig";

const rig = moderationRig();
const { endpoint, chain, results } = rig;

describe("a stop", () => {
  it("does not wait for an endpoint that hangs: its answer counts as a failure, and a person looks at the text", async () => {
    const { url } = await endpoint(() => null);
    const moderation = chain({ url, moderation: { timeoutMs: 30_000, onFailure: "closed" } });
    const subjectId = uuidv7();
    moderation.review("response", subjectId, "a harmless answer");
    moderation.hurry();
    await moderation.settled();
    const flags = await rig.db.moderationFlag.findMany({ where: { subjectId } });
    expect(flags).toMatchObject([{ reason: "unchecked" }]);
    // Nor for what comes after it.
    await expect(moderation.admit(prompt("x"))).rejects.toMatchObject({ code: "moderation_unavailable" });
  });
});

describe("the chain of moderators", () => {
  it("lets a harmless prompt through and stores what each has said", async () => {
    const { url, asked } = await endpoint(() => scores({ violence: 0.1 }));
    const moderation = chain({ url });
    await moderation.admit(prompt("How do bees find their way?"));
    await moderation.settled();
    expect(asked).toEqual([
      { body: { model: "omni", input: "How do bees find their way?" }, key: "Bearer key-of-the-endpoint" },
    ]);
    expect(await results()).toMatchObject([
      { moderator: "rules", outcome: "passed", category: null },
      { moderator: "endpoint", outcome: "passed", category: null },
    ]);
  });

  it("refuses what the rules find, and asks nobody else", async () => {
    const { url, asked } = await endpoint(() => scores({}));
    const moderation = chain({ url });
    await expect(moderation.admit(prompt("I want to kill myself"))).rejects.toMatchObject({
      code: "content_refused",
      details: { category: "self_harm" },
    });
    expect(asked).toEqual([]);
  });

  it("has a threshold for each surface", async () => {
    const { url } = await endpoint(() => scores({ "hate/threatening": 0.6 }));
    const moderation = chain({ url, moderation: { thresholds: { battlePrompt: 0.9, chatPrompt: 0.5 } } });
    await moderation.admit(prompt("x"));
    await expect(moderation.admit({ ...prompt("x"), surface: "chat_prompt" })).rejects.toMatchObject({
      details: { category: "threat" },
    });
  });

  it.each([
    ["answers with an error", () => ({ status: 500, body: {} })],
    ["makes no sense", () => ({ body: { results: "none" } })],
    ["never answers", () => null],
  ])("is closed to a prompt when the endpoint %s, unless the site is open", async (_, answer) => {
    const { url } = await endpoint(answer);
    const slow = { timeoutMs: 200 };
    await expect(chain({ url, moderation: slow }).admit(prompt("x"))).rejects.toMatchObject({
      code: "moderation_unavailable",
    });
    const open = chain({ url, moderation: { ...slow, onFailure: "open" } });
    await open.admit(prompt("x"));
    await open.settled();
    // Open, but not silently: the failure is on record.
    expect(await results()).toContainEqual({
      ...{ surface: "battle_prompt", moderator: "endpoint", outcome: "failed", category: null },
    });
  });

  it("asks a model of the site, and takes nothing but its one line of JSON", async () => {
    const said = (content: string): ModerationDeps["controller"] => ({
      dispatch: async () => ({
        ...{ status: 200, contentType: "application/json", workerId: "w", queueWaitMs: 0 },
        body: Readable.from([Buffer.from(JSON.stringify({ choices: [{ message: { content } }] }))]),
      }),
    });
    const settings = { moderation: { classifierModel: "guard" } };
    const ask = (content: string) => chain({ ...settings, controller: said(content) }).admit(prompt("x"));
    await ask('{"category": "none", "score": 1}');
    await expect(ask('{"category": "illicit", "score": 0.95}')).rejects.toMatchObject({
      code: "content_refused",
      details: { category: "illicit" },
    });
    for (const unclear of [
      'Sure! {"category":"none","score":0}',
      "none",
      '{"category":"fine","score":0}',
      "",
    ]) {
      await expect(ask(unclear)).rejects.toMatchObject({ code: "moderation_unavailable" });
    }
  });

  it("asks the model about all of a long text, and refuses it for what stands at its end", async () => {
    const read: string[] = [];
    const controller: ModerationDeps["controller"] = {
      dispatch: async ({ body }) => {
        const { messages } = JSON.parse(String(body)) as { messages: { content: string }[] };
        const text = messages[1]?.content ?? "";
        read.push(text);
        const verdict = text.includes("the foul end") ? '"hate", "score": 0.9' : '"none", "score": 0';
        const content = `{"category": ${verdict}}`;
        return {
          ...{ status: 200, contentType: "application/json", workerId: "w", queueWaitMs: 0 },
          body: Readable.from([Buffer.from(JSON.stringify({ choices: [{ message: { content } }] }))]),
        };
      },
    };
    const moderation = chain({ moderation: { classifierModel: "reader" }, controller });
    const long = "A harmless line.\n".repeat(1_800);
    await moderation.admit(prompt(long));
    await expect(moderation.admit(prompt(`${long}the foul end`))).rejects.toMatchObject({
      code: "content_refused",
      details: { category: "hate" },
    });
    expect(read.length).toBeGreaterThan(6);
    await moderation.settled();
    // One verdict for each text, however many parts it had.
    const verdicts = (await results()).filter(({ moderator }) => moderator === "model:reader");
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(["passed", "refused"]);
  });

  describe("with images", () => {
    const model = "omni-moderation-latest";

    /** A visitor with two images, and a stranger with one. */
    async function illustrated() {
      const { db } = rig;
      const [visitorId, strangerId] = [uuidv7(), uuidv7()];
      const image = async (owner: string, text: string) => {
        const id = uuidv7();
        const bytes = new Uint8Array(Buffer.from(text));
        await db.visitor.upsert({ where: { id: owner }, create: { id: owner }, update: {} });
        await db.attachment.create({
          data: {
            ...{ id, visitorId: owner, contentType: "image/png", width: 1, height: 1 },
            ...{ size: bytes.length, bytes },
          },
        });
        return id;
      };
      const images = [await image(visitorId, "one"), await image(visitorId, "two")];
      return { ...prompt("What is this?"), visitorId, images, foreign: await image(strangerId, "secret") };
    }

    const urlOf = (text: string) => `data:image/png;base64,${Buffer.from(text).toString("base64")}`;
    const imageOf = (input: Input) => (typeof input === "string" ? null : (input[0]?.image_url.url ?? null));

    it("shows each to an endpoint that takes them, alone and as a data URL, and no other visitor's", async () => {
      const { url, asked } = await endpoint(() => scores({ violence: 0.1 }));
      const { foreign, ...request } = await illustrated();
      const moderation = chain({ url, model });
      await moderation.admit({ ...request, images: [...request.images, foreign] });
      const inputs = asked.map(({ body }) => body.input);
      expect(inputs).toHaveLength(3);
      expect(inputs).toContain("What is this?");
      for (const text of ["one", "two"])
        expect(inputs).toContainEqual([{ type: "image_url", image_url: { url: urlOf(text) } }]);
    });

    it("refuses what is found in one, and says that it was an image", async () => {
      const { url } = await endpoint((input) =>
        scores({ "violence/graphic": imageOf(input) === urlOf("two") ? 0.97 : 0 }),
      );
      const request = await illustrated();
      await expect(chain({ url, model }).admit(request)).rejects.toMatchObject({
        code: "content_refused",
        details: { category: "violence", part: "image" },
      });
      const { images, ...textOnly } = request;
      await chain({ url, model }).admit(textOnly);
    });

    it("follows the site's setting where an image cannot be checked", async () => {
      const { url } = await endpoint((input) =>
        imageOf(input) === null ? scores({}) : { status: 400, body: { error: { message: "No images." } } },
      );
      const request = await illustrated();
      await expect(chain({ url, model }).admit(request)).rejects.toMatchObject({
        code: "moderation_unavailable",
      });
      const open = chain({ url, model, moderation: { onFailure: "open" } });
      await open.admit(request);
      await open.settled();
      expect((await results()).map(({ outcome }) => outcome)).toContain("failed");
    });

    it("asks only endpoints that take them, by the model's name or the operator's word", async () => {
      const request = await illustrated();
      for (const [options, count] of [
        [{ model: "llama-guard" }, 1],
        [{ model: "llama-guard", takesImages: true }, 3],
        [{ model, takesImages: false }, 1],
      ] as const) {
        const { url, asked } = await endpoint(() => scores({}));
        await chain({ url, ...options }).admit(request);
        expect(asked).toHaveLength(count);
      }
    });
  });

  it("hears of the caller's going", async () => {
    const { url } = await endpoint(() => null);
    const gone = new AbortController();
    const waiting = chain({ url }).admit({ ...prompt("x"), signal: gone.signal });
    gone.abort(new Error("the tab was closed"));
    await expect(waiting).rejects.toThrow("the tab was closed");
  });

  it("can be switched off as a whole", async () => {
    await chain({ moderation: { isOn: false } }).admit(prompt("I want to kill myself"));
    expect(await results()).toEqual([]);
  });
});
