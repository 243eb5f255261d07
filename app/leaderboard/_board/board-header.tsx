"use client";

import { useTranslations } from "next-intl";
import { Segmented } from "@/app/_ui/segmented";
import { type BoardName, boardNameSchema, boardNames, type Leaderboard } from "@/lib/protocol";
import { useBoardAge } from "./board-age";

type BoardHeaderProps = {
  board: Leaderboard;
  renderedAt: number;
  chosen: BoardName;
  onChoose: (board: BoardName) => void;
};

/** What the board is made of: how many votes of which kind, by whom, and how fresh. */
export function BoardHeader({ board, renderedAt, chosen, onChoose }: BoardHeaderProps) {
  const t = useTranslations("board");
  const age = useBoardAge(board.fittedAt, renderedAt);
  const { voters } = board;
  const cast = t(`cast.${board.board}`, { votes: board.votes });
  const models = board.rows.length;
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div>
        <h1 className="text-h1 max-sm:sr-only">{t("title")}</h1>
        <p className="number text-fg-2 max-sm:hidden sm:mt-1">
          {board.category !== "overall"
            ? t("summaryCategory", { cast, models, age })
            : // Imported pair counts tell of no voters.
              voters === null || voters === 0
              ? t("summaryVotes", { cast, models, age })
              : t("summary", { cast, voters, models, age })}
        </p>
        <p className="number text-hint text-fg-3 sm:hidden">{t("summaryShort", { cast, age })}</p>
      </div>
      <div className="max-sm:w-full">
        <Segmented
          isCompact
          label={t("kind.label")}
          choices={boardNames.map((name) => ({ value: name, label: t(`kind.${name}`) }))}
          value={chosen}
          onChoose={(value) => onChoose(boardNameSchema.parse(value))}
        />
      </div>
    </div>
  );
}
