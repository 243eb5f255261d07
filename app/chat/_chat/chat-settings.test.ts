import { describe, expect, it, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import { api, first, followed, heron, lost, opened, settle, starting, stork } from "./testing/session-rig";

describe("the settings that are shown", () => {
  it("follow what another tab has stored", async () => {
    const { session, shown } = await opened();
    api.models.mockResolvedValue({ models: [] });
    api.list.mockResolvedValue({ conversations: [], nextCursor: null });
    api.get.mockResolvedValueOnce({ ...first, model: stork, parameters: { temperature: 1 } });
    await session.refetch();
    expect(shown()).toEqual({ model: stork, systemPrompt: "", parameters: { temperature: 1 } });
  });

  it("are stored alone: what this tab did not set it does not overwrite", async () => {
    const { session, shown } = await opened();
    api.change.mockResolvedValueOnce({ ...first, model: stork, systemPrompt: "Be brief." });
    session.settings.setSystemPrompt("Be brief.");
    await settle();
    expect(api.change.mock.calls).toEqual([["c1", { systemPrompt: "Be brief.", model: undefined }]]);
    expect(shown()).toMatchObject({ model: stork, systemPrompt: "Be brief." });
  });

  it("go with the message, and what is set while it is on its way is stored after it", async () => {
    const { session, store, shown, answer, sending } = await starting();
    session.settings.setParameters({ temperature: 0.3 });
    await settle();
    expect(api.change).not.toHaveBeenCalled();
    api.change.mockResolvedValueOnce({ ...first, parameters: { temperature: 0.3 } });
    answer.resolve(first);
    await sending;
    expect(shown().parameters).toEqual({ temperature: 0.3 });
    await settle();
    expect(api.change.mock.calls).toEqual([["c1", { parameters: { temperature: 0.3 }, model: undefined }]]);
    expect(store.get().edits).toEqual({});
  });

  it("stay shown and say so where they cannot be stored, and the message carries them", async () => {
    const { session, store, shown } = await opened();
    api.change.mockRejectedValue(new ApiError("model_not_found"));
    session.settings.setModel("stork");
    await settle();
    expect(store.get()).toMatchObject({ isUnsaved: true, problem: { code: "model_not_found" } });
    expect(shown().model).toMatchObject({ name: "stork" });
    api.send.mockResolvedValueOnce(followed("Go on", { model: stork }));
    await session.send("Go on");
    expect(api.send.mock.calls[0]?.[1]).toMatchObject({ model: "stork", systemPrompt: "", parameters: {} });
    expect(store.get()).toMatchObject({ isUnsaved: false, edits: {} });
  });

  it("are tried again where the failure passes", async () => {
    const { session, store } = await opened();
    api.change.mockRejectedValueOnce(lost()).mockResolvedValueOnce({ ...first, systemPrompt: "Be brief." });
    session.settings.setSystemPrompt("Be brief.");
    await settle();
    expect(api.change).toHaveBeenCalledTimes(2);
    expect(store.get()).toMatchObject({ isUnsaved: false, edits: {} });
  });

  it("wait for as long as a limit says", async () => {
    const { session, store } = await opened();
    api.change.mockRejectedValueOnce(new ApiError("rate_limited", { retryAfterSeconds: 60 }));
    api.change.mockResolvedValueOnce({ ...first, systemPrompt: "Be brief." });
    session.settings.setSystemPrompt("Be brief.");
    await settle();
    expect(store.get()).toMatchObject({ isUnsaved: true, problem: { code: "rate_limited" } });
    await vi.advanceTimersByTimeAsync(50_000);
    expect(api.change).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(store.get()).toMatchObject({ isUnsaved: false, edits: {} });
  });

  it("name the model of before where an answer by another one failed", async () => {
    const { session, shown, store } = await opened();
    api.regenerate.mockRejectedValueOnce(new ApiError("no_worker_available"));
    const regenerating = session.regenerate("a1", "stork");
    expect(store.get().outgoing?.model.name).toBe("stork");
    await regenerating;
    expect(shown().model).toEqual(heron);
    expect(api.regenerate.mock.calls[0]?.[1]).toMatchObject({ model: "stork" });
  });
});
