import { describe, expect, it } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import { api, battle, image, keepsOverReloads, later, page, queued, typed } from "./testing/session-rig";

describe("what is typed", () => {
  const noModel = () => Promise.reject(new ApiError("no_worker_available", { retryAfterSeconds: 1 }));

  it("meanwhile stays where a prompt that waited for a model goes out", async () => {
    const { store, session, pass, composer } = page();
    let refuse: (error: ApiError) => void = () => undefined;
    api.start.mockImplementationOnce(() => new Promise((_, reject) => (refuse = reject)));
    void session.send(typed("first"));
    store.set({ draft: "second" });
    refuse(new ApiError("no_worker_available", { retryAfterSeconds: 1 }));
    await pass();
    expect(store.get()).toMatchObject({ waiting: true, draft: "first\n\nsecond" });
    store.set({ images: [image("later")] });
    api.start.mockResolvedValueOnce(battle(["first"], queued));
    await pass(1_000);
    expect(store.get().waiting).toBe(false);
    expect(composer()).toBe("second");
    expect(store.get().images.map(({ key }) => key)).toEqual(["later"]);
  });

  it("as a follow-up stays where a new pair is drawn, whether it comes, waits or fails", async () => {
    const { store, session, pass, composer } = page(battle(["one"]));
    store.set({ draft: "and then?" });
    api.start.mockResolvedValueOnce(battle(["one"], queued));
    await session.drawNewPair();
    expect(composer()).toBe("and then?");

    api.start.mockImplementationOnce(noModel);
    void session.drawNewPair();
    await pass();
    expect(store.get()).toMatchObject({ waiting: true, draft: "one\n\nand then?" });
    session.cancelWaiting();
    expect(composer()).toBe("one\n\nand then?");

    store.set({ draft: "and then?", battle: battle(["one"]) });
    api.start.mockRejectedValueOnce(new ApiError("database_unavailable"));
    await session.drawNewPair();
    expect(composer()).toBe("one\n\nand then?");
  });

  it("is sent once where a waiting prompt is sent by hand", async () => {
    const { session, pass } = page();
    api.start.mockImplementationOnce(noModel).mockResolvedValue(battle(["first"], queued));
    void session.send(typed("first"));
    await pass();
    await session.send(typed("first"));
    await pass(60_000);
    expect(api.start).toHaveBeenCalledTimes(2);
  });

  it("as an edited prompt on its way survives a reload; one that is asked again stands in its battle", async () => {
    const kept = keepsOverReloads();
    const { session, pass } = page(battle(["one"]));
    api.regenerate.mockImplementation(later);
    void session.regenerate("one, mended");
    await pass();
    expect(kept.get("draft")).toBe("one, mended");
    kept.clear();
    const other = page(battle(["one"]));
    void other.session.regenerate();
    await other.pass();
    expect(kept.size).toBe(0);
  });
});
