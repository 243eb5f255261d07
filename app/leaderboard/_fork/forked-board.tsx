"use client";

import { SlidersHorizontal } from "lucide-react";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { scoreDomain } from "@/app/_components/score-domain";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import type { BoardName, Category, Leaderboard, LeaderboardRow } from "@/lib/protocol";
import { UnratedModels } from "../_board/unrated-models";
import { ForkFooter } from "./fork-footer";
import { ForkForm } from "./fork-form";
import { ForkList } from "./fork-list";
import { ForkMoment } from "./fork-moment";
import { ForkPanel } from "./fork-panel";
import { forkParsers, noFork, parsePin, toChoice } from "./fork-params";
import { toForkedRows } from "./fork-rows";
import { ForkTable } from "./fork-table";
import { useFork } from "./use-fork";

type ForkedBoardProps = {
  /** The published board that is in view beside it. */
  board: Leaderboard;
  asked: { board: BoardName; category: Category; showRetired: boolean };
  isShown: (row: LeaderboardRow) => boolean;
};

/** The board as a reader would have it, over the published one. */
export default function ForkedBoard({ board, asked, isShown }: ForkedBoardProps) {
  const t = useTranslations("fork");
  const tBoard = useTranslations("board");
  const [params, setParams] = useQueryStates(forkParsers);
  const choice = toChoice(params);
  const pin = parsePin(params.forkData);
  const fork = useFork(asked, choice, pin?.editions ?? null);
  const { fitted } = fork;
  const toNow = () => {
    setParams({ forkData: null });
    fork.refit();
  };
  const [isPanelOpen, setPanelOpen] = useState(false);

  const models = fitted?.pairs.models ?? [];
  const isOpenModel = ({ stage }: { stage: string }) =>
    stage === "public" || (asked.showRetired && stage === "retired");
  const { rated, unrated } =
    fitted === null
      ? { rated: [], unrated: [] }
      : toForkedRows(fitted.pairs, fitted.fit.rows, {
          minVotes: choice.minVotes,
          showRetired: asked.showRetired,
        });
  const shown = rated.filter(isShown);
  const domain = scoreDomain(
    rated.flatMap(({ rating, published }) => (published === null ? [rating] : [rating, published])),
    { step: 50, maxTicks: 10, margin: 0.06 },
  );
  const isSameBoard = board.board === asked.board && board.category === asked.category;
  const isPublishedFit = board.ties === "half" && board.weights === "votes" && !board.style;

  return (
    <>
      {pin === null ? null : (
        <ForkMoment pin={pin} fork={fork} newest={isSameBoard && !board.style ? board : null} onNow={toNow} />
      )}
      <div className="mb-3 flex gap-2 min-[960px]:hidden">
        <Button className="h-11 max-sm:flex-1" onClick={() => setPanelOpen(true)}>
          <SlidersHorizontal size={16} aria-hidden="true" />
          {t("open")}
        </Button>
        <Button className="h-11 max-sm:flex-1" onClick={() => setParams({ fork: null })}>
          {t("leave")}
        </Button>
      </div>
      <div
        aria-busy={!fork.isCurrent}
        className={cn(
          "transition-opacity duration-[180ms]",
          fitted !== null && !fork.isCurrent && fork.failure === null && "opacity-60 delay-300",
        )}
      >
        {fitted === null ? (
          fork.failure === null ? (
            <div
              role="status"
              aria-label={t("step.download")}
              className="h-96 animate-wait rounded-panel bg-muted"
            />
          ) : (
            <p className="border-t border-line py-6 text-fg-2">{t(`failure.${fork.failure}`)}</p>
          )
        ) : shown.length === 0 ? (
          <p className="border-t border-line py-6 text-fg-2">
            {rated.length === 0 ? t("nothingRated") : tBoard("noMatch")}
          </p>
        ) : (
          <>
            <ForkTable rows={shown} all={rated} domain={domain} board={asked.board} />
            <ForkList rows={shown} all={rated} domain={domain} board={asked.board} />
            <p className="mt-3 max-w-[100ch] text-hint text-fg-3">{t("note")}</p>
          </>
        )}
        {unrated.filter(isShown).length === 0 ? null : (
          <UnratedModels rows={unrated.filter(isShown)} board={asked.board} />
        )}
      </div>
      <ForkPanel
        isOpen={isPanelOpen}
        onOpenChange={setPanelOpen}
        onLeave={() => setParams({ fork: null })}
        form={
          <ForkForm
            choice={choice}
            onChange={setParams}
            fitted={fitted}
            models={models.filter(isOpenModel)}
          />
        }
        footer={
          <ForkFooter
            fork={fork}
            hasNewer={
              pin === null &&
              fork.isCurrent &&
              isSameBoard &&
              isPublishedFit &&
              fitted !== null &&
              board.inputsHash !== fitted.pairs.inputsHash
            }
            onPin={(forkData) => setParams({ forkData })}
            onReset={() => {
              setParams(noFork);
              if (pin !== null) fork.refit();
            }}
          />
        }
      />
    </>
  );
}
