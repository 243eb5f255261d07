import { useFormatter, useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatMargin, formatScore } from "@/app/_components/format-number";
import { bandPath, linePath, type SeriesPoint, timeScale, toSeries } from "@/app/_components/interval-series";
import { positionOf, scoreDomain } from "@/app/_components/score-domain";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { ModelCard } from "@/lib/protocol";

const width = 800;
const height = 240;

/** The score of every kept fit with its band, and the same as a table behind it. */
export function ModelHistory({ card }: { card: ModelCard }) {
  const t = useTranslations("model");
  const plots = useTranslations("plots");
  const locale = useLocale();
  const format = useFormatter();
  const series = toSeries(card.history);
  const points = series.filter((point): point is SeriesPoint => point !== null);
  const last = points.at(-1);
  if (last === undefined) return <p className="text-fg-2">{t("noHistory")}</p>;
  if (points.length < 2) return <p className="text-fg-2">{plots("oneFit")}</p>;

  // A first interval of a thousand points would flatten what came after it: it is cut at the edge instead.
  const late = points.slice(Math.floor(points.length / 2));
  const domain = scoreDomain(late, { step: 20, maxTicks: 7, margin: 0.08 });
  const times = points.map(({ at }) => at);
  const x = timeScale(times, width);
  const y = (score: number) => (1 - positionOf(score, domain) / 100) * height;
  const first = times[0] ?? last.at;
  const days = [0, 1, 2, 3, 4].map((part) => first + ((last.at - first) * part) / 4);
  const isShort = last.at - first < 3 * 86_400_000;
  const dayOf = (time: number) =>
    format.dateTime(
      new Date(time),
      isShort
        ? { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }
        : { month: "short", day: "numeric" },
    );

  return (
    <>
      <div className="relative pr-12">
        <svg
          role="img"
          aria-label={plots("historyOf", {
            name: card.displayName,
            score: formatScore(last.score, locale),
            margin: formatMargin(last.lower, last.upper, locale),
          })}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="h-60 w-full overflow-hidden"
        >
          {domain.ticks.map((tick) => (
            <line
              key={tick}
              x2={width}
              y1={y(tick)}
              y2={y(tick)}
              vectorEffect="non-scaling-stroke"
              className="stroke-line"
            />
          ))}
          <path d={bandPath(series, x, y)} className="fill-accent opacity-18" />
          <path
            d={linePath(series, x, y)}
            fill="none"
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
            className="stroke-accent"
          />
        </svg>
        <div aria-hidden="true" className="number absolute inset-y-0 right-0 w-10 text-small text-fg-3">
          {domain.ticks.map((tick) => (
            <span
              key={tick}
              className="absolute left-0 -translate-y-1/2"
              style={{ top: `${100 - positionOf(tick, domain)}%` }}
            >
              {formatScore(tick, locale)}
            </span>
          ))}
        </div>
      </div>
      <div
        aria-hidden="true"
        className="mt-1.5 flex justify-between pr-12 text-small whitespace-nowrap text-fg-3"
      >
        {days.map((time, index) => (
          <span key={time} className={index % 2 === 1 ? "max-sm:hidden" : undefined}>
            {dayOf(time)}
          </span>
        ))}
      </div>
      <details className="mt-3 text-hint">
        <summary className="w-fit rounded-badge text-fg-2">{plots("asTable")}</summary>
        <ScrollRegion label={t("history")} className="mt-2 max-h-80 max-w-md">
          <DataTable caption={t("history")}>
            <thead>
              <tr>
                <HeadCell>{plots("time")}</HeadCell>
                <HeadCell isRight>{t("score")}</HeadCell>
                <HeadCell isRight>{t("votes")}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {card.history.toReversed().map(({ at, votes, score }) => (
                <tr key={at}>
                  <RowHead className="number whitespace-nowrap">
                    {format.dateTime(new Date(at), { dateStyle: "medium", timeStyle: "short" })}
                  </RowHead>
                  <Cell isRight>
                    {score === null ? "–" : formatScore(score[0], locale)}{" "}
                    {score === null ? null : (
                      <span className="text-fg-3">{formatMargin(score[1], score[2], locale)}</span>
                    )}
                  </Cell>
                  <Cell isRight>{new Intl.NumberFormat(locale).format(votes)}</Cell>
                </tr>
              ))}
            </tbody>
          </DataTable>
        </ScrollRegion>
      </details>
    </>
  );
}
