import { useFormatter, useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { ModelCard } from "@/lib/protocol";
import { fillDays } from "./fill-days";

const shownDays = 90;

/** A bar a day, zero at the base; days without a vote are gaps of their real width. */
export function VotesByDay({ days }: { days: ModelCard["votesByDay"] }) {
  const t = useTranslations("model");
  const plots = useTranslations("plots");
  const locale = useLocale();
  const format = useFormatter();
  const bars = fillDays(days).slice(-shownDays);
  const most = Math.max(1, ...bars.map(({ votes }) => votes));
  const total = days.reduce((sum, { votes }) => sum + votes, 0);
  const count = new Intl.NumberFormat(locale);
  const nameOf = (day: string) => format.dateTime(new Date(day), { dateStyle: "medium" });
  return (
    <section aria-labelledby="votes-by-day" className="mt-5">
      <h3 id="votes-by-day" className="text-small text-fg-3">
        {t("votesByDay", { most })}
      </h3>
      <div
        role="img"
        aria-label={t("votesByDayLabel", { votes: total, days: days.length, most })}
        className="mt-1.5 mr-12 flex h-14 items-end gap-px border-b border-line-2"
      >
        {bars.map(({ day, votes }) => (
          <span
            key={day}
            data-tip={`${nameOf(day)} · ${count.format(votes)}`}
            className="flex h-full max-w-8 min-w-0 flex-1 items-end"
          >
            <span
              className="w-full rounded-t-[1px] bg-line-2"
              style={{ height: votes === 0 ? 0 : `max(2px, ${(votes / most) * 100}%)` }}
            />
          </span>
        ))}
      </div>
      <details className="mt-3 text-hint">
        <summary className="w-fit rounded-badge text-fg-2">{plots("asTable")}</summary>
        <ScrollRegion label={t("votesByDayTable")} className="mt-2 max-h-80 max-w-xs">
          <DataTable caption={t("votesByDayTable")}>
            <thead>
              <tr>
                <HeadCell>{plots("day")}</HeadCell>
                <HeadCell isRight>{t("votes")}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ day, votes }) => (
                <tr key={day}>
                  <RowHead className="number">{nameOf(day)}</RowHead>
                  <Cell isRight>{count.format(votes)}</Cell>
                </tr>
              ))}
            </tbody>
          </DataTable>
        </ScrollRegion>
      </details>
    </section>
  );
}
