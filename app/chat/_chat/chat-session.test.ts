import { describe, expect, it } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { ConversationView } from "@/lib/protocol";
import { api, first, followed, lost, opened, page, pending } from "./testing/session-rig";

describe("the page", () => {
  it("gives up the address of a conversation that is gone", async () => {
    const { session, store, navigate } = page();
    api.get.mockRejectedValueOnce(new ApiError("conversation_not_found"));
    await session.open("c1");
    expect(navigate.mock.calls).toEqual([[null, { isGone: true }]]);
    expect(store.get().problem?.code).toBe("conversation_not_found");
  });

  it("is not put back by an older answer than the one it shows", async () => {
    const { session, store } = await opened();
    api.models.mockResolvedValue({ models: [] });
    api.list.mockResolvedValue({ conversations: [], nextCursor: null });
    const old = pending<ConversationView>();
    api.get.mockReturnValueOnce(old.promise);
    const refetching = session.refetch();
    api.send.mockResolvedValueOnce(followed("Go on"));
    await session.send("Go on");
    old.resolve(first);
    await refetching;
    expect(store.get().conversation?.messages).toHaveLength(4);
  });

  it("says of models that could not be fetched that they could not, not that there are none", async () => {
    const { session, store } = page();
    api.models.mockRejectedValueOnce(lost());
    await session.settings.loadModels();
    expect(store.get()).toMatchObject({ models: null, modelsProblem: "network" });
    await session.send("Say hello");
    expect(store.get().problem?.code).toBe("network");
  });
});
