"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { modelHref } from "@/app/_components/model-links";
import type { BoardName, LeaderboardRow } from "@/lib/protocol";

/** Models that are served but have no score, each with the reason. */
export function UnratedModels({ rows, board }: { rows: readonly LeaderboardRow[]; board: BoardName }) {
  const t = useTranslations("board");
  const locale = useLocale();
  const count = new Intl.NumberFormat(locale);
  return (
    <section className="mt-8">
      <h2 className="text-h2">{t("unrated")}</h2>
      <ul className="mt-2 rounded-panel border border-line-2">
        {rows.map((row) => (
          <li
            key={row.model}
            className="flex min-h-[34px] flex-wrap items-center gap-x-3 border-t border-line px-3 py-1.5 first:border-t-0"
          >
            <span className="font-medium sm:w-56 sm:truncate">
              <Link
                href={modelHref(row.model, board)}
                prefetch={false}
                className="underline-offset-4 hover:underline"
              >
                {row.displayName}
              </Link>
            </span>
            <span className="text-hint text-fg-3 sm:w-40 sm:truncate">{row.organization}</span>
            <span className="text-fg-2 max-sm:w-full sm:flex-1">
              {t(`reason.${row.unratedReason ?? "not_separable"}`)}
            </span>
            {row.votes === 0 ? null : (
              <span className="number text-hint text-fg-3">
                {`${t("votes")} ${count.format(row.votes)} · ${t("elo")} ${formatScore(row.elo, locale)}`}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
