import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatShare, formatShareMargin } from "@/app/_components/format-number";
import { headToHeadHref } from "@/app/_components/model-links";
import { cn } from "@/app/_ui/cn";
import type { ModelCard, Opponent } from "@/lib/protocol";

type OpponentTableProps = {
  caption: string;
  card: ModelCard;
  opponents: readonly Opponent[];
  /** With the whole record, and what the board predicts. */
  isFull?: boolean;
};

/** Each opponent leads to the two models against each other. */
export function OpponentTable({ caption, card, opponents, isFull = false }: OpponentTableProps) {
  const t = useTranslations("model");
  const locale = useLocale();
  const count = new Intl.NumberFormat(locale);
  const wide = cn("max-sm:hidden", !isFull && "hidden");
  return (
    <DataTable caption={caption}>
      <thead>
        <tr>
          <HeadCell className="w-full">{t("against")}</HeadCell>
          <HeadCell isRight className={wide}>
            {t("record")}
          </HeadCell>
          <HeadCell isRight>{t("share")}</HeadCell>
          <HeadCell isRight className={wide}>
            {t("predicted")}
          </HeadCell>
          <HeadCell isRight>{t("votes")}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {opponents.map((opponent) => (
          <tr key={opponent.model}>
            <RowHead>
              <Link
                href={headToHeadHref(card.model, opponent.model, card.board)}
                prefetch={false}
                className="rounded-badge break-all underline-offset-4 hover:underline"
              >
                {opponent.displayName}
              </Link>
            </RowHead>
            <Cell isRight className={cn("text-fg-2", wide)}>
              {t("recordOf", {
                wins: opponent.wins,
                ties: opponent.ties + opponent.bothBad,
                losses: opponent.losses,
              })}
            </Cell>
            <Cell isRight>
              <span className="font-medium">{formatShare(opponent.share.value)}</span>
              <span className="ml-2 inline-block min-w-8 text-hint text-fg-3">
                {formatShareMargin(opponent.share.lower, opponent.share.upper)}
              </span>
            </Cell>
            <Cell isRight className={cn("text-fg-2", wide)}>
              {opponent.predicted === null ? "–" : formatShare(opponent.predicted)}
            </Cell>
            <Cell isRight className="text-fg-2">
              {count.format(opponent.votes)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

export function AllOpponents({ card }: { card: ModelCard }) {
  const t = useTranslations("model");
  return (
    <details className="mt-6">
      <summary className="w-fit rounded-badge text-fg-2">
        {t("allOpponents", { count: card.opponents.length })}
      </summary>
      <div className="mt-2 max-w-3xl">
        <OpponentTable isFull caption={t("opponents")} card={card} opponents={card.opponents} />
      </div>
    </details>
  );
}
