"use client";

import { Search, X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { joinSentences } from "@/app/_components/join-sentences";
import { scoreDomain } from "@/app/_components/score-domain";
import { buttonClass } from "@/app/_ui/button";
import { IconButton } from "@/app/_ui/icon-button";
import type { Leaderboard } from "@/lib/protocol";
import { useBoardAge } from "./board-age";
import { BoardList } from "./board-list";
import { BoardTable } from "./board-table";
import { boardOrder, isRated, matches, nextSorting, sortRows } from "./sort-rows";
import { UnratedModels } from "./unrated-models";
import { useLiveBoard } from "./use-live-board";
import { useReorderMotion } from "./use-reorder-motion";

type LeaderboardPageProps = {
  initial: Leaderboard;
  /** Server time (ms) of this render. */
  renderedAt: number;
};

/** A search pays only where the rows do not fit into one glance. */
const searchFrom = 8;

export function LeaderboardPage({ initial, renderedAt }: LeaderboardPageProps) {
  const t = useTranslations("board");
  const { board, hasFailed } = useLiveBoard(initial);
  const [query, setQuery] = useState("");
  const [sorting, setSorting] = useState(boardOrder);
  const age = useBoardAge(board.fittedAt, renderedAt);
  const content = useRef<HTMLDivElement>(null);

  const rated = board.rows.filter(isRated);
  const shown = rated.filter((row) => matches(row, query));
  const unrated = board.rows.filter((row) => row.rating === null && matches(row, query));
  const domain = scoreDomain(
    rated.map((row) => row.rating),
    { step: 50, maxTicks: 10, margin: 0.03 },
  );
  useReorderMotion(content, `${sorting.key} ${sortRows(shown, sorting).map((row) => row.model)}`);

  return (
    <main id="main" className="mx-auto w-full max-w-[1440px] px-4 pt-4 pb-10 sm:px-6 sm:pt-6">
      <h1 className="text-h1 max-sm:sr-only">{t("title")}</h1>
      <p className="number text-fg-2 max-sm:hidden sm:mt-1">
        {t("summary", { votes: board.votes, voters: board.voters ?? 0, models: board.rows.length, age })}
      </p>
      <p className="number text-hint text-fg-3 sm:hidden">{t("summaryShort", { votes: board.votes, age })}</p>
      <p role="status" className="mt-1 text-hint text-fg-2 empty:hidden">
        {hasFailed ? t("failed") : ""}
      </p>

      {board.rows.length >= searchFrom ? <SearchField query={query} onQuery={setQuery} /> : null}

      <div ref={content} className="mt-4">
        {rated.length === 0 ? (
          <EmptyBoard hasModels={board.rows.length > 0} hasVotes={board.votes > 0} />
        ) : (
          <>
            <BoardTable
              rows={shown}
              all={rated}
              domain={domain}
              sorting={sorting}
              onSort={(key) => setSorting(nextSorting(sorting, key))}
            />
            <BoardList rows={shown} all={rated} domain={domain} />
            {shown.length === 0 && unrated.length === 0 ? (
              <p className="py-6 text-fg-2">{t("noMatch", { query })}</p>
            ) : (
              <p className="mt-3 text-hint text-fg-3">{joinSentences(t("note"), t("eloNote"))}</p>
            )}
          </>
        )}
        {unrated.length === 0 ? null : <UnratedModels rows={unrated} />}
      </div>
    </main>
  );
}

function SearchField({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const t = useTranslations("board");
  return (
    <search className="mt-4 flex h-9 w-full items-center rounded-control border border-control bg-bg pl-3 focus-within:border-accent focus-within:outline-1 focus-within:outline-accent max-sm:h-11 sm:w-60">
      <Search size={16} aria-hidden="true" className="shrink-0 text-fg-3" />
      <input
        type="text"
        value={query}
        aria-label={t("search")}
        placeholder={t("search")}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && query !== "") onQuery("");
        }}
        className="h-full min-w-0 flex-1 bg-transparent px-2.5 text-ui outline-none max-sm:text-field"
      />
      {query === "" ? null : (
        <IconButton label={t("clearSearch")} onClick={() => onQuery("")}>
          <X size={16} />
        </IconButton>
      )}
    </search>
  );
}

function EmptyBoard({ hasModels, hasVotes }: { hasModels: boolean; hasVotes: boolean }) {
  const t = useTranslations("board");
  return (
    <section className="border-t border-line pt-8 pb-4">
      <h2 className="text-h2">{hasVotes ? t("unrated") : t("emptyTitle")}</h2>
      <p className="mt-1 max-w-[64ch] text-fg-2">{hasModels ? t("emptyBody") : t("noModels")}</p>
      {hasModels ? (
        <Link href="/" className={`${buttonClass("primary")} mt-5`}>
          {t("emptyAction")}
        </Link>
      ) : null}
    </section>
  );
}
