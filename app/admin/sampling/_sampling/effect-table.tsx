"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore, formatShare } from "@/app/_components/format-number";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import type { SamplingEffect } from "@/lib/protocol";

/** What the proposal is expected to bring over the next votes, beside what is in force. */
export function EffectTable({ effect, isCurrent }: { effect: SamplingEffect; isCurrent: boolean }) {
  const t = useTranslations("admin.sampling");
  const tAdmin = useTranslations("admin");
  const locale = useLocale();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const { votes, inForce, proposed } = effect;
  const end = (side: SamplingEffect["proposed"] | null) => side?.points.at(-1) ?? null;
  const width = (value: number | null | undefined) =>
    value === null || value === undefined ? tAdmin("none") : `±${formatScore(value, locale, 1)}`;
  const before = new Map(inForce?.models.map((model) => [model.model, model]));
  return (
    <section aria-labelledby="sampling-effect" className={isCurrent ? undefined : "opacity-60"}>
      <h2 id="sampling-effect" className="text-h2">
        {t("effect", { votes })}
      </h2>
      <p className="mt-1 mb-3 text-hint text-fg-2">{t(isCurrent ? "effectLead" : "effectStale")}</p>
      <div className="mb-4">
        <FigurePanel>
          <KeyFigure
            name={t("meanWidth")}
            figure={width(end(proposed)?.halfWidth)}
            unit={t("insteadOf", { value: width(end(inForce)?.halfWidth) })}
          />
          <KeyFigure
            name={t("separated")}
            figure={formatScore(end(proposed)?.separated ?? 0, locale)}
            unit={t("insteadOf", { value: formatScore(end(inForce)?.separated ?? 0, locale) })}
          />
        </FigurePanel>
      </div>
      <ConsoleTable
        caption={t("effect", { votes })}
        head={
          <>
            <Head>{t("model")}</Head>
            <Head isRight>{t("seatsNow")}</Head>
            <Head isRight>{t("seatsThen")}</Head>
            <Head isRight>{t("votesThen")}</Head>
            <Head isRight>{t("widthNow")}</Head>
            <Head isRight>{t("widthThen")}</Head>
          </>
        }
      >
        {proposed.models.map((row) => {
          const known = before.get(row.model);
          return (
            <tr key={row.model} className={row.isDrawn ? undefined : "text-fg-3"}>
              <RowName>
                {row.displayName}
                {row.isDrawn ? null : (
                  <span className="block text-small font-normal text-fg-3">{t("notDrawn")}</span>
                )}
              </RowName>
              <Td isRight>{known === undefined ? tAdmin("none") : formatShare(known.seats)}</Td>
              <Td isRight className="font-medium">
                {formatShare(row.seats)}
              </Td>
              <Td isRight>{number.format(row.votes)}</Td>
              <Td isRight>{width(known?.halfWidth)}</Td>
              <Td isRight className="font-medium">
                {width(row.halfWidth)}
              </Td>
            </tr>
          );
        })}
      </ConsoleTable>
    </section>
  );
}
