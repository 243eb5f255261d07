"use client";

import { CircleAlert } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";
import { useRef } from "react";
import { joinSentences } from "@/app/_components/join-sentences";
import { scoreDomain } from "@/app/_components/score-domain";
import { Button } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { InlineError } from "@/app/_ui/inline-error";
import type { Leaderboard, LeaderboardRow } from "@/lib/protocol";
import { forkParsers } from "../_fork/fork-params";
import { LazyPlots } from "../_plots/lazy-plots";
import { BoardFilters } from "./board-filters";
import { BoardHeader } from "./board-header";
import { BoardList } from "./board-list";
import { BoardNotices } from "./board-notices";
import { boardParsers, toBoardQuery } from "./board-params";
import { BoardTable } from "./board-table";
import { EmptyBoard } from "./empty-board";
import { isRated, matches, nextSorting, sortRows } from "./sort-rows";
import { UnratedModels } from "./unrated-models";
import { useLiveBoard } from "./use-live-board";
import { useReorderMotion } from "./use-reorder-motion";

// Most readers never open it, and it brings the mathematics along.
const ForkedBoard = dynamic(() => import("../_fork/forked-board"), { ssr: false });

type LeaderboardPageProps = {
  /** The board that the address asks for. */
  initial: Leaderboard;
  /** Server time (ms) of this render. */
  renderedAt: number;
};

export function LeaderboardPage({ initial, renderedAt }: LeaderboardPageProps) {
  const t = useTranslations("board");
  const [params, setParams] = useQueryStates(boardParsers);
  const { board, isWaiting, hasFailed, retry } = useLiveBoard(initial, toBoardQuery(params));
  const [{ fork: isForked }, setFork] = useQueryStates({ fork: forkParsers.fork });
  const content = useRef<HTMLDivElement>(null);

  const rated = board.rows.filter(isRated);
  const isShown = (row: LeaderboardRow) =>
    matches(row, params.q) && (params.licence === "" || row.licence === params.licence);
  const shown = rated.filter(isShown);
  const unrated = board.rows.filter((row) => row.rating === null && isShown(row));
  const domain = scoreDomain(
    rated.map((row) => row.rating),
    { step: 50, maxTicks: 10, margin: 0.06 },
  );
  const order = sortRows(shown, params.sort).map((row) => row.model);
  useReorderMotion(content, `${params.sort.key} ${order}`);

  const isFiltered = params.q !== "" || params.licence !== "" || params.minVotes > 0;
  const hasNothing = shown.length === 0 && unrated.length === 0;
  const table = { rows: shown, all: rated, domain, sorting: params.sort, board: board.board };

  return (
    <main
      id="main"
      className={cn(
        "mx-auto w-full max-w-[1440px] px-4 pt-4 pb-10 sm:px-6 sm:pt-6",
        // The panel of the fork stands at the window's edge.
        isForked && "min-[960px]:mr-[360px] min-[960px]:w-auto",
      )}
    >
      <BoardHeader
        board={board}
        renderedAt={renderedAt}
        chosen={params.board}
        onChoose={(name) => setParams({ board: name, category: null, minVotes: null, licence: null })}
      />
      <p role="status" className="mt-1 text-hint text-fg-2 empty:hidden">
        {hasFailed && !isWaiting ? t("failed") : ""}
      </p>
      <BoardFilters
        board={board}
        params={params}
        onChange={setParams}
        isForked={isForked}
        onFork={(fork) => setFork({ fork: fork ? true : null })}
      />

      {hasFailed && isWaiting ? (
        <div className="mt-4">
          <InlineError
            icon={<CircleAlert size={16} />}
            title={t("loadFailedTitle")}
            actions={
              <Button variant="primary" onClick={retry}>
                {t("loadAgain")}
              </Button>
            }
          >
            {t("loadFailedBody")}
          </InlineError>
        </div>
      ) : (
        <div
          ref={content}
          aria-busy={isWaiting}
          className={cn(
            "mt-4 transition-opacity duration-[180ms]",
            // An answer within 300 ms changes nothing before it is there.
            isWaiting && "opacity-60 delay-300",
          )}
        >
          {isForked ? null : <BoardNotices board={board} />}
          {isForked ? (
            <ForkedBoard
              board={board}
              asked={{ board: params.board, category: params.category, showRetired: params.showRetired }}
              isShown={isShown}
            />
          ) : rated.length > 0 ? (
            <>
              {shown.length === 0 ? null : (
                <>
                  <BoardTable
                    {...table}
                    onSort={(key) => setParams({ sort: nextSorting(params.sort, key) })}
                  />
                  <BoardList {...table} />
                </>
              )}
              {hasNothing ? (
                <NoMatch onReset={() => setParams({ q: null, licence: null, minVotes: null })} />
              ) : (
                <p className="mt-3 max-w-[120ch] text-hint text-fg-3">
                  {joinSentences(t("note"), t("eloNote"))}{" "}
                  <Link href="/integrity" className="underline underline-offset-4 hover:text-fg">
                    {t("integrity")}
                  </Link>
                </p>
              )}
            </>
          ) : isFiltered && hasNothing ? (
            <NoMatch onReset={() => setParams({ q: null, licence: null, minVotes: null })} />
          ) : (
            <EmptyBoard board={board} />
          )}
          {isForked || unrated.length === 0 ? null : <UnratedModels rows={unrated} board={board.board} />}
          {board.votes === 0 ? null : <LazyPlots board={board} />}
        </div>
      )}
    </main>
  );
}

function NoMatch({ onReset }: { onReset: () => void }) {
  const t = useTranslations("board");
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-6">
      <p className="text-fg-2">{t("noMatch")}</p>
      <Button size="bar" onClick={onReset}>
        {t("clearFilters")}
      </Button>
    </div>
  );
}
