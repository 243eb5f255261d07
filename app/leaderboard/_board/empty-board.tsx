"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { buttonClass } from "@/app/_ui/button";
import type { Leaderboard } from "@/lib/protocol";

/** A board without a single score: what it will be made of, and how to begin. */
export function EmptyBoard({ board }: { board: Leaderboard }) {
  const t = useTranslations("board");
  const hasModels = board.rows.length > 0;
  const isBlind = board.board === "blind";
  return (
    <section className="border-t border-line pt-8 pb-4">
      <h2 className="text-h2">{board.votes > 0 ? t("noScoresTitle") : t("emptyTitle")}</h2>
      <p className="mt-1 max-w-[64ch] text-fg-2">
        {board.votes > 0
          ? t("noScoresBody")
          : isBlind && !hasModels
            ? t("noModels")
            : t(`emptyBody.${board.board}`)}
      </p>
      {isBlind && hasModels ? (
        <Link href="/" className={`${buttonClass("primary")} mt-5`}>
          {t("emptyAction")}
        </Link>
      ) : null}
    </section>
  );
}
