"use client";

import Link from "next/link";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useId } from "react";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatMargin, formatScore } from "@/app/_components/format-number";
import { bandPath, linePath, type Series, sharedSpan, timeScale } from "@/app/_components/interval-series";
import { modelHref } from "@/app/_components/model-links";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { BoardHistory } from "@/lib/protocol";

const width = 200;
const height = 84;

type ScoreHistoryProps = { history: BoardHistory; shown: readonly string[] };

/** One small picture a model; all share the time and the points a pixel, so that they can be compared by eye. */
export function ScoreHistory({ history, shown }: ScoreHistoryProps) {
  const t = useTranslations("plots");
  const places = shown.map((model) => history.models.findIndex((entry) => entry.model === model));
  const all = places
    .filter((place) => place >= 0)
    .map((place) => ({
      model: history.models[place]?.model ?? "",
      name: history.models[place]?.displayName ?? "",
      series: history.points.map(({ at, scores }) => {
        const score = scores[place] ?? null;
        return score === null
          ? null
          : { at: Date.parse(at), score: score[0], lower: score[1], upper: score[2] };
      }),
    }))
    .filter(({ series }) => series.some((point) => point !== null));
  if (all.length === 0 || history.points.length < 2) return <p className="text-fg-2">{t("oneFit")}</p>;
  const span = sharedSpan(all.map(({ series }) => series));
  const step = span > 300 ? 200 : span > 150 ? 100 : 50;
  const times = history.points.map(({ at }) => Date.parse(at));
  return (
    <>
      <p className="text-hint text-fg-3">{t("historyNote", { step })}</p>
      <ul className="mt-3 grid grid-cols-2 gap-x-6 gap-y-5 lg:grid-cols-3">
        {all.map(({ model, name, series }) => (
          <SmallHistory key={model} {...{ model, name, series, span, step, times }} board={history.board} />
        ))}
      </ul>
      <HistoryTable all={all} times={times} />
    </>
  );
}

type SmallHistoryProps = {
  model: string;
  name: string;
  series: Series;
  span: number;
  step: number;
  times: readonly number[];
  board: BoardHistory["board"];
};

function SmallHistory({ model, name, series, span, step, times, board }: SmallHistoryProps) {
  const t = useTranslations("plots");
  const locale = useLocale();
  const clip = useId();
  const last = series.findLast((point) => point !== null);
  if (last === undefined || last === null) return null;
  const x = timeScale(times, width);
  const top = last.score + span / 2;
  const y = (score: number) => ((top - score) / span) * height;
  const lines = Array.from(
    { length: Math.floor(top / step) - Math.ceil((top - span) / step) + 1 },
    (_, index) => (Math.ceil((top - span) / step) + index) * step,
  );
  return (
    <li className="min-w-0">
      <p className="flex items-baseline gap-2 text-small">
        <Link
          href={modelHref(model, board)}
          prefetch={false}
          className="min-w-0 truncate font-medium underline-offset-4 hover:underline"
        >
          {name}
        </Link>
        <span className="number ml-auto text-fg-2">{formatScore(last.score, locale)}</span>
      </p>
      <svg
        role="img"
        aria-label={t("historyOf", {
          name,
          score: formatScore(last.score, locale),
          margin: formatMargin(last.lower, last.upper, locale),
        })}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className="mt-1 h-[84px] w-full"
      >
        <clipPath id={clip}>
          <rect width={width} height={height} />
        </clipPath>
        {lines.map((line) => (
          <line
            key={line}
            x2={width}
            y1={y(line)}
            y2={y(line)}
            vectorEffect="non-scaling-stroke"
            className="stroke-line"
          />
        ))}
        <g clipPath={`url(#${clip})`}>
          <path d={bandPath(series, x, y)} className="fill-accent opacity-18" />
          <path
            d={linePath(series, x, y)}
            fill="none"
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
            className="stroke-accent"
          />
        </g>
      </svg>
    </li>
  );
}

/** The last figure of each day, for those who read rather than see. */
function HistoryTable({
  all,
  times,
}: {
  all: readonly { name: string; series: Series }[];
  times: readonly number[];
}) {
  const t = useTranslations("plots");
  const locale = useLocale();
  const format = useFormatter();
  const days = new Map(times.map((time, index) => [new Date(time).toISOString().slice(0, 10), index]));
  return (
    <details className="mt-4 text-hint">
      <summary className="w-fit rounded-badge text-fg-2">{t("asTable")}</summary>
      <ScrollRegion label={t("history")} className="mt-2 max-h-80">
        <DataTable caption={t("history")}>
          <thead>
            <tr>
              <HeadCell>{t("day")}</HeadCell>
              {all.map(({ name }) => (
                <HeadCell key={name} isRight>
                  {name}
                </HeadCell>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...days].toReversed().map(([day, index]) => (
              <tr key={day}>
                <RowHead className="number whitespace-nowrap">
                  {format.dateTime(new Date(day), { dateStyle: "medium" })}
                </RowHead>
                {all.map(({ name, series }) => {
                  const point = series[index] ?? null;
                  return (
                    <Cell key={name} isRight>
                      {point === null ? (
                        "–"
                      ) : (
                        <>
                          {formatScore(point.score, locale)}{" "}
                          <span className="text-fg-3">{formatMargin(point.lower, point.upper, locale)}</span>
                        </>
                      )}
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </DataTable>
      </ScrollRegion>
    </details>
  );
}
