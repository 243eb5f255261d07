import { describe, expect, it } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { BlindBattle, RevealedBattle } from "@/lib/protocol";
import { api, battle, later, lostAnswer, page, queued, stream, typed } from "./testing/session-rig";

function revealed(open: BlindBattle): RevealedBattle {
  return { ...open, kind: "revealed" } as unknown as RevealedBattle;
}

describe("a vote", () => {
  it("says which turn it judges, and is the same vote when it is saved again", async () => {
    const open = battle(["one", "two"]);
    const { store, session, pass } = page(open);
    api.vote.mockImplementationOnce(lostAnswer).mockResolvedValueOnce(revealed(open));
    await session.vote("tie");
    expect(store.get().vote).toMatchObject({ phase: "failed", problem: { code: "network" } });
    // The stream would tell that it was saved.
    expect(stream.attached).toBe("battle");
    await session.vote("tie");
    await pass(1_000);
    const [[, first], [, second]] = api.vote.mock.calls as [[string, object], [string, object]];
    expect(first).toMatchObject({ outcome: "tie", turnId: "turn-1-two" });
    expect(second).toEqual(first);
    expect(store.get().battle?.kind).toBe("revealed");
  });

  it("on answers that are not the newest any more shows those first", async () => {
    const { store, session } = page(battle(["one"]));
    api.vote.mockRejectedValueOnce(new ApiError("vote_outdated"));
    api.get.mockResolvedValueOnce(battle(["one", "two"], queued));
    await session.vote("a");
    expect(store.get()).toMatchObject({ vote: { phase: "none" }, problem: { code: "vote_outdated" } });
    expect(store.get().battle?.turns).toHaveLength(2);
    expect(stream.attached).toBe("battle");
  });

  it("is not sent where there is nothing to compare", async () => {
    const { session } = page(battle(["one"], { status: "stopped", text: "" }));
    await session.vote("a");
    expect(api.vote).not.toHaveBeenCalled();
  });

  it("that was cast elsewhere is fetched, but never in place of a prompt on its way", async () => {
    const open = battle(["one"]);
    const { store, session, pass } = page(open);
    api.get.mockResolvedValue(revealed(open));
    api.continue.mockImplementation(later);
    void session.send(typed("two"));
    stream.voted("battle");
    await pass();
    expect(store.get()).toMatchObject({ outgoing: { text: "two" }, battle: { kind: "blind" } });
    const other = page(open);
    stream.voted("battle");
    await other.pass();
    expect(other.store.get().battle?.kind).toBe("revealed");
  });
});
