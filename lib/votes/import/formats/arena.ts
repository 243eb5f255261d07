import { selfBoard } from "@/lib/leaderboard";
import { exportedLineSchema } from "../../export/exported-vote";
import { faultOf, type Parsed } from "../parsed-vote";

/**
 * A line of this project's own export (votes.jsonl). Its id is the hash of its record, which stays the same from release
 * to release; its voter is the release's pseudonym, so voters are told apart within one release only.
 */
export function parseArena(value: unknown): Parsed {
  const result = exportedLineSchema.safeParse(value);
  if (!result.success) return faultOf(result.error);
  const line = result.data;
  if ("withheld" in line) return { ignored: "withheld by the exporting site" };
  const { board, voterKind, excluded } = line;
  if (excluded.length > 0) return { ignored: "excluded by the exporting site" };
  if (board === selfBoard) return { ignored: "of a model against itself" };
  return {
    votes: [
      {
        externalId: line.recordHash,
        modelA: line.modelA,
        modelB: line.modelB,
        outcome: line.outcome,
        count: line.count,
        voterKind,
        voter: line.voter,
        kind:
          voterKind === "judge"
            ? "judge"
            : board === "compare" || board.endsWith(":named")
              ? "named"
              : "blind",
        castAt: line.castAt === null ? null : new Date(line.castAt),
        turnCount: line.turnCount,
        language: null,
      },
    ],
  };
}
