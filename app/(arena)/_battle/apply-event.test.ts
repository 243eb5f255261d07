import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BattleEvent, BattleView, BlindBattle, ResponseView, Side } from "@/lib/protocol";
import { applyEvent } from "./apply-event";

const battleId = "01890000-0000-7000-8000-000000000001";
const turnId = "01890000-0000-7000-8000-000000000002";
const createdAt = "2026-01-01T00:00:00.000Z";

function response(fields: Partial<ResponseView> = {}): ResponseView {
  return { status: "queued", text: "", isTruncated: false, failure: null, ...fields };
}

function blind(a: Partial<ResponseView> = {}, b: Partial<ResponseView> = {}): BlindBattle {
  return {
    kind: "blind",
    id: battleId,
    status: "running",
    createdAt,
    turns: [{ id: turnId, prompt: "hello", images: [], a: response(a), b: response(b) }],
  };
}

const delta = (side: Side, at: number, text: string): BattleEvent => ({
  type: "delta",
  turnId,
  side,
  at,
  text,
});

function run(battle: BattleView | null, events: BattleEvent[]) {
  return events.reduce(
    (state, event) => {
      const next = applyEvent(state.battle, event);
      return { battle: next.battle, isStale: state.isStale || next.isStale };
    },
    { battle, isStale: false },
  );
}

const textOf = (battle: BattleView | null, side: Side) => battle?.turns[0]?.[side].text;

describe("applyEvent", () => {
  it("appends pieces to their own side and turns queued into writing", () => {
    const { battle, isStale } = run(blind(), [
      delta("a", 0, "one "),
      delta("b", 0, "zwei"),
      delta("a", 4, "two"),
    ]);
    expect(textOf(battle, "a")).toBe("one two");
    expect(textOf(battle, "b")).toBe("zwei");
    expect(battle?.turns[0]?.a.status).toBe("writing");
    expect(isStale).toBe(false);
  });

  it("knows the place in line only while a side waits", () => {
    const queued = (ahead: number): BattleEvent => ({ type: "queued", turnId, side: "a", ahead });
    const waiting = run(blind(), [queued(3), queued(2)]).battle;
    expect(waiting?.turns[0]?.a.ahead).toBe(2);
    expect(applyEvent(waiting, queued(2)).battle).toBe(waiting);
    const writing = run(waiting, [delta("a", 0, "x"), queued(1)]).battle;
    expect(writing?.turns[0]?.a).toEqual(response({ status: "writing", text: "x" }));
    const told = run(waiting, [{ type: "status", turnId, side: "a", status: "writing" }]).battle;
    expect(told?.turns[0]?.a).not.toHaveProperty("ahead");
  });

  it("keeps the names of a comparison while its answers come", () => {
    const model = { name: "m", displayName: "M", organization: null, licence: null };
    const named: BattleView = { ...blind(), kind: "named", models: { a: model, b: model } };
    const { battle } = applyEvent(named, delta("a", 0, "x"));
    expect(battle).toMatchObject({ kind: "named", models: named.models, turns: [{ a: { text: "x" } }] });
  });

  it("drops what it already has when a stream repeats it", () => {
    const start = blind({ status: "writing", text: "abcdef" });
    expect(textOf(run(start, [delta("a", 2, "cd")]).battle, "a")).toBe("abcdef");
    expect(textOf(run(start, [delta("a", 4, "efgh")]).battle, "a")).toBe("abcdefgh");
    expect(applyEvent(start, delta("a", 0, "abc")).battle).toBe(start);
  });

  it("asks for the whole battle when a piece is missing, and keeps what is there", () => {
    const { battle, isStale } = run(blind({ status: "writing", text: "abc" }), [delta("a", 5, "fg")]);
    expect(isStale).toBe(true);
    expect(textOf(battle, "a")).toBe("abc");
  });

  it("never loses or doubles a character, however a text is cut, repeated and re-attached", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
        fc.array(fc.tuple(fc.nat(60), fc.nat(20)), { maxLength: 30 }),
        (text, cuts) => {
          // Pieces that begin at or before what has been delivered so far, in any overlap.
          let delivered = 0;
          const events: BattleEvent[] = [];
          for (const [back, length] of [...cuts, [0, text.length] as const]) {
            const at = Math.max(0, delivered - back);
            const piece = text.slice(at, at + length);
            events.push(delta("a", at, piece));
            delivered = Math.max(delivered, at + piece.length);
          }
          const { battle, isStale } = run(blind(), events);
          expect(textOf(battle, "a")).toBe(text);
          expect(isStale).toBe(false);
        },
      ),
    );
  });

  it("takes the final text from done and ignores pieces that come after it", () => {
    const final = response({ status: "finished", text: "abc!", isTruncated: true });
    const { battle } = run(blind({ status: "writing", text: "ab" }), [
      { type: "done", turnId, side: "a", response: final },
      delta("a", 2, "c"),
    ]);
    expect(battle?.turns[0]?.a).toEqual(final);
  });

  it("opens the vote only when the server says ready", () => {
    const finished = response({ status: "finished", text: "x" });
    const both = run(blind(), [
      { type: "done", turnId, side: "a", response: finished },
      { type: "done", turnId, side: "b", response: finished },
    ]).battle;
    expect(both).toMatchObject({ status: "running" });
    expect(run(both, [{ type: "ready", turnId }]).battle).toMatchObject({ status: "ready" });
  });

  it("is blocked when one side failed and the other has ended, and runs again when the side is retried", () => {
    const failed = response({ status: "failed", text: "half", failure: "interrupted" });
    const writing = run(blind({ status: "writing" }), [
      { type: "failed", turnId, side: "b", response: failed },
    ]);
    expect(writing.battle).toMatchObject({ status: "running" });
    const blocked = run(writing.battle, [
      { type: "done", turnId, side: "a", response: response({ status: "finished", text: "x" }) },
    ]).battle;
    expect(blocked).toMatchObject({ status: "blocked" });
    const again = run(blocked, [
      { type: "status", turnId, side: "b", status: "queued" },
      delta("b", 0, "new"),
    ]).battle;
    expect(again).toMatchObject({ status: "running" });
    expect(again?.turns[0]?.b).toEqual(response({ status: "writing", text: "new" }));
  });

  it("replaces everything with a snapshot, so that re-attaching mends any state", () => {
    const snapshot = blind({ status: "writing", text: "abcdefgh" });
    const { battle, isStale } = run(blind({ status: "writing", text: "abc" }), [
      { type: "snapshot", battle: snapshot },
    ]);
    expect(battle).toBe(snapshot);
    expect(isStale).toBe(false);
  });

  it("asks for the battle on a vote from another tab, an unknown turn, and without a snapshot", () => {
    expect(applyEvent(blind(), { type: "voted" }).isStale).toBe(true);
    expect(applyEvent(blind(), { ...delta("a", 0, "x"), turnId: battleId } as BattleEvent).isStale).toBe(
      true,
    );
    expect(applyEvent(null, delta("a", 0, "x"))).toEqual({ battle: null, isStale: true });
  });

  it("leaves a revealed battle alone", () => {
    const revealed: BattleView = {
      kind: "revealed",
      board: "blind",
      isTextDeleted: false,
      reasons: null,
      id: battleId,
      createdAt,
      turns: blind().turns,
      vote: { outcome: "tie", createdAt },
      sides: { a: revealedSide(), b: revealedSide() },
    };
    expect(applyEvent(revealed, delta("a", 0, "x"))).toEqual({ battle: revealed, isStale: false });
  });
});

function revealedSide() {
  return {
    model: { name: "m", displayName: "M", organization: null, licence: null },
    votes: 1,
    before: null,
    after: null,
    elo: { before: 1000, after: 1000 },
    tokens: null,
    firstTokenMs: null,
    tokensPerSecond: null,
    totalMs: null,
  };
}
