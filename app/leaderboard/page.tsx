import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { currentLeaderboard } from "@/app/_data/services";
import { LeaderboardPage } from "./_board/leaderboard-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("board");
  return { title: t("title") };
}

export default async function Page() {
  const board = await currentLeaderboard();
  return <LeaderboardPage initial={board} renderedAt={Date.now()} />;
}
