import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { leadingZeroBits } from "@/lib/protocol";
import { callApi } from "./call-api";
import { findProof } from "./challenge/find-proof";
import { challengeStatus } from "./challenge/solve-challenge";

const answer = z.object({ ok: z.boolean() });
const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const asked = (challenge: unknown) =>
  json(428, { error: { code: "challenge_required", details: { challenge } } });
const challenge = { challenge: "a.challenge.10.x", bits: 10, expiresAt: new Date(0).toISOString() };

/** Does at once what the real one does in a thread. */
class InlineWorker extends EventTarget {
  terminate = vi.fn();
  postMessage(given: typeof challenge) {
    const data = findProof(given.challenge, given.bits);
    queueMicrotask(() => this.dispatchEvent(new MessageEvent("message", { data })));
  }
}

afterEach(() => vi.unstubAllGlobals());

describe("an answer that says no", () => {
  const failsWith = (response: Response) => {
    vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(response));
    return expect(callApi("/api/battles", answer)).rejects;
  };

  it("has its code, or that of its status where somebody between has answered in words of their own", async () => {
    await failsWith(json(404, { error: { code: "battle_not_found" } })).toMatchObject({
      code: "battle_not_found",
    });
    await failsWith(
      new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "retry-after": "7" } }),
    ).toMatchObject({ code: "internal", details: { retryAfterSeconds: 7 } });
  });

  it("was lost where the connection breaks in the middle of it, and may be asked for again", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"error":{"co'));
        controller.error(new TypeError("network error"));
      },
    });
    await failsWith(new Response(body, { status: 500 })).toMatchObject({ code: "network" });
  });
});

describe("a call that the site wants proof for", () => {
  it("is sent again with the solution, and with the same body", async () => {
    const fetched = vi
      .fn()
      .mockResolvedValueOnce(asked(challenge))
      .mockResolvedValueOnce(json(200, { ok: true }));
    vi.stubGlobal("fetch", fetched);
    vi.stubGlobal("Worker", InlineWorker);
    const seen: boolean[] = [];
    const stop = challengeStatus.subscribe(() => seen.push(challengeStatus.isSolving()));
    expect(await callApi("/api/battles", answer, { method: "POST", body: { prompt: "Hi" } })).toEqual({
      ok: true,
    });
    stop();
    // The page says so while it is solved, and only then.
    expect(seen).toEqual([true, false]);
    const [first, second] = fetched.mock.calls.map(([, init]) => init as RequestInit);
    expect(second?.body).toBe(first?.body);
    const solution = new Headers(second?.headers).get("x-arena-challenge") ?? "";
    expect(solution.startsWith(`${challenge.challenge}:`)).toBe(true);
    expect(leadingZeroBits(createHash("sha256").update(solution).digest())).toBeGreaterThanOrEqual(10);
  });

  it("is tried once more where its solution came too late, and has its own failure after that", async () => {
    vi.stubGlobal("Worker", InlineWorker);
    const late = vi
      .fn()
      .mockResolvedValueOnce(asked(challenge))
      .mockResolvedValueOnce(asked({ ...challenge, challenge: "another.challenge.10.x" }))
      .mockResolvedValueOnce(json(200, { ok: true }));
    vi.stubGlobal("fetch", late);
    expect(await callApi("/api/battles", answer)).toEqual({ ok: true });

    const always = vi.fn().mockImplementation(async () => asked(challenge));
    vi.stubGlobal("fetch", always);
    await expect(callApi("/api/battles", answer)).rejects.toMatchObject({ code: "challenge_failed" });
    expect(always).toHaveBeenCalledTimes(3);
  });

  it("fails with a word of its own where the challenge cannot be understood or no thread runs", async () => {
    vi.stubGlobal("Worker", InlineWorker);
    vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(asked({ bits: 99 })));
    await expect(callApi("/api/battles", answer)).rejects.toMatchObject({ code: "challenge_failed" });
    class BrokenWorker extends InlineWorker {
      override postMessage() {
        queueMicrotask(() => this.dispatchEvent(new Event("error")));
      }
    }
    vi.stubGlobal("Worker", BrokenWorker);
    vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(asked(challenge)));
    await expect(callApi("/api/battles", answer)).rejects.toMatchObject({ code: "challenge_failed" });
    expect(challengeStatus.isSolving()).toBe(false);
  });

  it.each(["signal", "until"] as const)("ends with whoever sent it, told by %s", async (name) => {
    const left = new AbortController();
    const reason = new Error("It was taken back.");
    class SleepingWorker extends InlineWorker {
      override postMessage() {
        left.abort(reason);
      }
    }
    vi.stubGlobal("Worker", SleepingWorker);
    vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(asked(challenge)));
    await expect(callApi("/api/battles", answer, { [name]: left.signal })).rejects.toMatchObject({
      cause: reason,
    });
    expect(challengeStatus.isSolving()).toBe(false);
  });
});
