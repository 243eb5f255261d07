import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { createLoader, type SearchParams } from "nuqs/server";
import { leaderboardOf } from "@/app/_data/services";
import { Words } from "@/app/_words/words";
import { boardParsers, toBoardQuery } from "./_board/board-params";
import { LeaderboardPage } from "./_board/leaderboard-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("board");
  return { title: t("title") };
}

const loadParams = createLoader(boardParsers);

export default async function Page({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const board = await leaderboardOf(toBoardQuery(await loadParams(searchParams)));
  return (
    <Words of={["board", "plots", "fork", "category"]}>
      <LeaderboardPage initial={board} renderedAt={Date.now()} />
    </Words>
  );
}
