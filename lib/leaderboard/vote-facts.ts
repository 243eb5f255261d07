import { type BattleText, categorize } from "@/lib/categories";
import type { Prisma } from "@/lib/db";
import type { BoardName } from "@/lib/protocol";
import { boardOf } from "./count-vote";

export type JudgedBattle = BattleText & {
  voteId: string;
  board: BoardName;
  modelAId: string;
  modelBId: string;
};

/** A vote's row in `vote_categories`, from the battle's text. */
export function toVoteCategory(judged: JudgedBattle) {
  const { rulesVersion, language, categories, style } = categorize(judged);
  const { a, b } = style;
  return {
    voteId: judged.voteId,
    board: boardOf(judged),
    ...{ rulesVersion, language, categories },
    ...{ tokensA: a.tokens, tokensB: b.tokens, headersA: a.headers, headersB: b.headers },
    ...{ boldA: a.bold, boldB: b.bold, listsA: a.lists, listsB: b.lists },
  } satisfies Prisma.VoteCategoryUncheckedCreateInput;
}
