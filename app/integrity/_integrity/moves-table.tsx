import { useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatChange } from "@/app/_components/format-number";
import type { ExclusionSummary } from "@/lib/protocol";

/** The models that moved furthest; the others are in the data. */
const shownMoves = 12;

export function MovesTable({ moves }: Pick<ExclusionSummary, "moves">) {
  const t = useTranslations("integrity");
  const locale = useLocale();
  return (
    <div className="mt-3 max-w-[520px]">
      <DataTable caption={t("moves")}>
        <thead>
          <tr>
            <HeadCell>{t("model")}</HeadCell>
            <HeadCell isRight>{t("points")}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {moves.slice(0, shownMoves).map(({ model, displayName, points }) => (
            <tr key={model}>
              <RowHead>{displayName}</RowHead>
              <Cell isRight>{formatChange(points, locale)}</Cell>
            </tr>
          ))}
        </tbody>
      </DataTable>
    </div>
  );
}
