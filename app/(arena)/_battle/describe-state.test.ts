import { describe, expect, it } from "vitest";
import type { BlindBattle, SideStatus } from "@/lib/protocol";
import { type ArenaState, initialArenaState, shownTurns } from "./arena-state";
import { announcementOf, hintOf, stageOf } from "./describe-state";

function stateOf(a: SideStatus, b: SideStatus, status: BlindBattle["status"], more: object = {}): ArenaState {
  const side = (value: SideStatus) => ({
    ...{ status: value, text: "x", isTruncated: false, failure: null },
    ...more,
  });
  const turns = [{ id: "t", prompt: "p", images: [], a: side(a), b: side(b) }];
  return {
    ...initialArenaState,
    battle: { kind: "blind", id: "i", status, createdAt: "2026-01-01T00:00:00Z", turns },
  };
}

describe("stageOf and what follows from it", () => {
  it.each([
    [stateOf("queued", "writing", "running"), { name: "running", finished: null }, "writing", "waiting"],
    [
      stateOf("finished", "writing", "running"),
      { name: "running", finished: "a" },
      "oneFinished",
      "waitingOne",
    ],
    [
      stateOf("queued", "stopped", "running"),
      { name: "running", finished: "b" },
      "oneFinished",
      "waitingOne",
    ],
    [stateOf("finished", "finished", "running"), { name: "running", finished: null }, "writing", "waiting"],
    [
      stateOf("finished", "finished", "ready"),
      { name: "open", stoppedBy: null, canVote: true },
      "voteOpen",
      "open",
    ],
    [
      stateOf("stopped", "finished", "ready"),
      { name: "open", stoppedBy: "visitor", canVote: true },
      "stopped",
      "stopped",
    ],
    [
      stateOf("stopped", "stopped", "ready", { stoppedBy: "absence" }),
      { name: "open", stoppedBy: "absence", canVote: true },
      "stoppedAbsence",
      "stoppedAbsence",
    ],
    [
      stateOf("finished", "stopped", "ready", { stoppedBy: "server" }),
      { name: "open", stoppedBy: "server", canVote: true },
      "stoppedServer",
      "stoppedServer",
    ],
    [
      stateOf("stopped", "stopped", "ready", { text: "" }),
      { name: "open", stoppedBy: "visitor", canVote: false },
      "silent",
      "silent",
    ],
    [stateOf("failed", "writing", "running"), { name: "running", finished: null }, "sideFailed", "waiting"],
    [stateOf("finished", "failed", "blocked"), { name: "blocked", failed: ["b"] }, "sideFailed", "failed"],
    [
      stateOf("failed", "failed", "blocked"),
      { name: "blocked", failed: ["a", "b"] },
      "sideFailed",
      "bothFailed",
    ],
  ] as const)("case %#", (state, stage, announcement, hint) => {
    expect(stageOf(state)).toEqual(stage);
    expect(announcementOf(state)?.key).toBe(announcement);
    expect(hintOf(stageOf(state), false)?.key).toBe(hint);
  });

  it("closes the vote as soon as a further prompt is on its way", () => {
    const open = stateOf("finished", "finished", "ready");
    expect(stageOf({ ...open, outgoing: { kind: "turn", text: "more", images: [] } }).name).toBe("running");
  });

  it("is empty before the first prompt", () => {
    expect(stageOf(initialArenaState)).toEqual({ name: "empty" });
    expect(announcementOf(initialArenaState)).toBeNull();
  });
});

describe("shownTurns", () => {
  const open = stateOf("finished", "failed", "blocked");

  it("adds a follow-up, replaces the last turn when it is answered again", () => {
    const prompts = (state: ArenaState) => shownTurns(state).map((turn) => turn.prompt);
    expect(prompts({ ...open, outgoing: { kind: "turn", text: "q", images: [] } })).toEqual(["p", "q"]);
    expect(prompts({ ...open, outgoing: { kind: "regenerate", text: "q", images: [] } })).toEqual(["q"]);
    expect(prompts({ ...open, outgoing: { kind: "start", text: "q", images: [] } })).toEqual(["q"]);
  });

  it("empties a side that is tried again and leaves the other", () => {
    const [turn] = shownTurns({ ...open, retrying: ["b"] });
    expect(turn?.b).toMatchObject({ status: "queued", text: "" });
    expect(turn?.a).toMatchObject({ status: "finished", text: "x" });
  });
});
