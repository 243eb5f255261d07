"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { formatMargin, formatScore } from "@/app/_components/format-number";
import { positionOf, type ScoreDomain, scoreDomain } from "@/app/_components/score-domain";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import type { PersonalBoard, PersonalRow } from "@/lib/protocol";
import { historyApi } from "./history-api";

/** Votes below which the order of models is mostly chance: the public board's own line for one model, for each of two. */
const fewVotes = 60;

/** A board of the visitor's own votes. Its intervals are wide because the votes are few, and the page says so. */
export function PersonalBoardPanel() {
  const t = useTranslations();
  const [board, setBoard] = useState<PersonalBoard | null>(null);
  const [error, setError] = useState<ApiErrorCode | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    historyApi.board(abort.signal).then(setBoard, (failure: unknown) => {
      if (!abort.signal.aborted) setError(toApiError(failure).code);
    });
    return () => abort.abort();
  }, []);

  const rated = board?.rows.flatMap(({ rating }) => (rating === null ? [] : [rating])) ?? [];
  const domain = scoreDomain(rated, { step: 50, maxTicks: 5, margin: 0.04 });

  return (
    <section aria-labelledby="my-board" className="min-w-0">
      <h2 id="my-board" className="text-h2">
        {t("history.boardTitle")}
      </h2>
      {error === null ? null : (
        <p role="alert" className="mt-1.5 text-hint text-bad">
          {t("history.boardFailed", { reason: t(`errors.${error}`) })}
        </p>
      )}
      {board === null ? null : (
        <>
          <p className="mt-1.5 text-hint text-fg-2">
            {board.votes === 0 ? t("history.boardEmpty") : t("history.boardLead", { count: board.votes })}
          </p>
          {board.votes === 0 || board.votes >= fewVotes ? null : (
            <p className="mt-1.5 text-hint text-fg-2">
              {t(rated.length === 0 ? "history.boardNone" : "history.boardFew")}
            </p>
          )}
          {board.rows.length === 0 ? null : (
            <table className="mt-3 w-full table-fixed border-collapse text-hint">
              <thead>
                <tr className="text-left text-small text-fg-3">
                  <th scope="col" className="pb-1.5 font-normal">
                    {t("history.boardModel")}
                  </th>
                  <th scope="col" className="w-[46%] pb-1.5 text-right font-normal">
                    {t("history.boardScore")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {board.rows.map((row) => (
                  <PersonalBoardRow key={row.model} row={row} domain={domain} />
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </section>
  );
}

function PersonalBoardRow({ row, domain }: { row: PersonalRow; domain: ScoreDomain }) {
  const t = useTranslations();
  const locale = useLocale();
  const { rating } = row;
  return (
    <tr className="border-t border-line align-top">
      <th scope="row" className="py-2 pr-3 text-left font-normal">
        <span className="block truncate font-medium">{row.displayName}</span>
        <span className="number text-small text-fg-3">{t("history.boardVotes", { count: row.votes })}</span>
      </th>
      <td className="py-2 text-right">
        {rating === null ? (
          <span className="text-small text-fg-3">{t(`board.reason.${row.unratedReason ?? "no_votes"}`)}</span>
        ) : (
          <>
            <span className="number">
              {formatScore(rating.score, locale)}{" "}
              <span className="text-fg-3">{formatMargin(rating.lower, rating.upper, locale)}</span>
            </span>
            <OwnInterval rating={rating} domain={domain} />
          </>
        )}
      </td>
    </tr>
  );
}

/** Line: 95 % interval, dot: score, all to one scale. */
function OwnInterval({
  rating,
  domain,
}: {
  rating: NonNullable<PersonalRow["rating"]>;
  domain: ScoreDomain;
}) {
  const t = useTranslations("board");
  const locale = useLocale();
  const lower = positionOf(rating.lower, domain);
  const label = t("interval", {
    score: formatScore(rating.score, locale),
    lower: formatScore(rating.lower, locale),
    upper: formatScore(rating.upper, locale),
  });
  return (
    <div role="img" aria-label={label} className="relative mt-1 h-4">
      {domain.ticks.map((tick) => (
        <span
          key={tick}
          className="absolute inset-y-0 w-px bg-line"
          style={{ left: `${positionOf(tick, domain)}%` }}
        />
      ))}
      <span
        className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-accent"
        style={{ left: `${lower}%`, width: `${positionOf(rating.upper, domain) - lower}%` }}
      />
      <span
        className="absolute top-1/2 size-2 -translate-1/2 rounded-full bg-accent"
        style={{ left: `${positionOf(rating.score, domain)}%` }}
      />
    </div>
  );
}
