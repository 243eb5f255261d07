"use client";

import { Info } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatScore } from "@/app/_components/format-number";
import { Notice } from "@/app/_ui/notice";
import type { Leaderboard } from "@/lib/protocol";

/** What a reader has to know before the figures: a fit that is not what was asked for, and what style control took out. */
export function BoardNotices({ board }: { board: Leaderboard }) {
  const t = useTranslations("board");
  const texts = [
    board.style && !board.isReady ? t("styleNotReady") : null,
    board.fittedTies === board.ties ? null : t("tiesNotFitted"),
    board.converged ? null : t("notConverged"),
    board.noiseFloor === null
      ? null
      : t("noiseFloor", {
          votes: board.noiseFloor.votes,
          share: Math.round(
            (100 * (board.noiseFloor.preferredA + board.noiseFloor.preferredB)) /
              Math.max(1, board.noiseFloor.votes),
          ),
        }),
  ].filter((text) => text !== null);
  return (
    <>
      {texts.length === 0 ? null : (
        <div className="mb-3 flex flex-col gap-2">
          {texts.map((text) => (
            <Notice key={text} icon={<Info size={16} aria-hidden="true" />}>
              {text}
            </Notice>
          ))}
        </div>
      )}
      {board.styleEffects.length === 0 ? null : <StyleEffects board={board} />}
    </>
  );
}

function StyleEffects({ board }: { board: Leaderboard }) {
  const t = useTranslations("board.effect");
  const locale = useLocale();
  return (
    <details className="mb-3 rounded-panel border border-line-2 px-4 py-2.5">
      <summary className="rounded-badge text-hint font-medium">{t("title")}</summary>
      <p className="mt-1 max-w-[80ch] text-hint text-fg-3">{t("note")}</p>
      <div className="mt-1 max-w-md">
        <DataTable caption={t("title")}>
          <thead>
            <tr>
              <HeadCell>{t("name")}</HeadCell>
              <HeadCell isRight>{t("gamma")}</HeadCell>
              <HeadCell isRight>{t("interval")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {board.styleEffects.map((effect) => (
              <tr key={effect.name}>
                <RowHead>{t(effect.name)}</RowHead>
                <Cell isRight>{formatScore(effect.gamma, locale, 3)}</Cell>
                <Cell isRight className="text-fg-3">
                  {t("range", {
                    lower: formatScore(effect.lower, locale, 3),
                    upper: formatScore(effect.upper, locale, 3),
                  })}
                </Cell>
              </tr>
            ))}
          </tbody>
        </DataTable>
      </div>
    </details>
  );
}
