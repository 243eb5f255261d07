import type { BattleView, ResponseView, Side, SideStatus, TurnView } from "@/lib/protocol";

/** Written out here because the schemas beside the contract's own list must not be in the first load. */
export const sides: readonly Side[] = ["a", "b"];

export function otherSide(side: Side): Side {
  return side === "a" ? "b" : "a";
}

export function sideName(side: Side): "A" | "B" {
  return side === "a" ? "A" : "B";
}

export function isActive(status: SideStatus): boolean {
  return status === "queued" || status === "writing";
}

export function lastTurn(battle: BattleView | null): TurnView | undefined {
  return battle?.turns.at(-1);
}

export const emptyResponse: ResponseView = { status: "queued", text: "", isTruncated: false, failure: null };
