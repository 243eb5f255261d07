import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import type { ExclusionSummary } from "@/lib/protocol";
import { MovesTable } from "./moves-table";
import { ReasonsTable } from "./reasons-table";

/** Which votes do not count and why, for everybody: totals only, so that nobody's votes can be told from it. */
export function IntegrityPage({ summary }: { summary: ExclusionSummary }) {
  const t = useTranslations("integrity");
  const format = useFormatter();
  const { votes, excluded, reasons, days, moves, rulesVersion } = summary;
  const acts = reasons.reduce((sum, reason) => sum + reason.acts, 0);
  const reversed = reasons.reduce((sum, reason) => sum + reason.reversed, 0);
  const share = votes === 0 ? 0 : excluded / votes;
  return (
    <main id="main" className="mx-auto w-full max-w-[1008px] flex-1 px-4 pt-6 pb-16 sm:px-6 sm:pt-8">
      <h1 className="text-h1">{t("title")}</h1>
      <p className="mt-2 max-w-[68ch] text-answer text-fg-2">{t("lead")}</p>
      <div className="mt-6">
        <FigurePanel>
          <KeyFigure name={t("figures.cast")} figure={format.number(votes)} unit={null} />
          <KeyFigure name={t("figures.excluded")} figure={format.number(excluded)} unit={null} />
          <KeyFigure
            name={t("figures.share")}
            figure={format.number(share, { style: "percent", maximumFractionDigits: 1 })}
            unit={null}
          />
          <KeyFigure name={t("figures.reversed")} figure={format.number(reversed)} unit={t("of", { acts })} />
        </FigurePanel>
      </div>
      <section className="mt-10" aria-labelledby="reasons">
        <h2 id="reasons" className="text-h2">
          {t("reasons")}
        </h2>
        <p className="mt-1 text-hint text-fg-3">{t("reasonsNote")}</p>
        <ReasonsTable reasons={reasons} />
      </section>
      <section className="mt-10" aria-labelledby="moves">
        <h2 id="moves" className="text-h2">
          {t("moves")}
        </h2>
        <p className="mt-1 max-w-[68ch] text-hint text-fg-3">{t("movesNote", { days })}</p>
        {moves.length === 0 ? <p className="mt-3 text-fg-2">{t("noMoves")}</p> : <MovesTable moves={moves} />}
      </section>
      <p className="mt-10 flex flex-wrap gap-x-4 gap-y-1 text-hint text-fg-3">
        <span>{t("version", { version: rulesVersion })}</span>
        <Link href="/leaderboard" className="underline underline-offset-4 hover:text-fg">
          {t("board")}
        </Link>
        <a href="/api/exclusions" className="underline underline-offset-4 hover:text-fg">
          {t("data")}
        </a>
      </p>
    </main>
  );
}
