import { useFormatter, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell } from "@/app/_components/data-table";
import { type ExclusionSummary, exclusionReasonSchema } from "@/lib/protocol";

/** Every rule with what it says, also those that have left no vote out: what is not there was looked for. */
export function ReasonsTable({ reasons }: Pick<ExclusionSummary, "reasons">) {
  const t = useTranslations("integrity");
  const format = useFormatter();
  const found = new Map(reasons.map((reason) => [reason.reason, reason]));
  return (
    <div className="mt-3">
      <DataTable caption={t("reasons")}>
        <thead>
          <tr>
            <HeadCell>{t("reason")}</HeadCell>
            <HeadCell isRight>{t("votes")}</HeadCell>
            <HeadCell isRight className="max-sm:hidden">
              {t("acts")}
            </HeadCell>
            <HeadCell isRight className="max-sm:hidden">
              {t("takenBack")}
            </HeadCell>
            <HeadCell isRight className="max-sm:hidden">
              {t("latest")}
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {exclusionReasonSchema.options.map((name) => {
            const reason = found.get(name);
            return (
              <tr key={name}>
                <th scope="row" className="border-b border-line py-2 pr-4 text-left align-top font-normal">
                  <span className="block font-medium">{t(`name.${name}`)}</span>
                  <span className="mt-0.5 block max-w-[60ch] text-hint text-fg-3">{t(`rule.${name}`)}</span>
                </th>
                <Cell isRight>{format.number(reason?.votes ?? 0)}</Cell>
                <Cell isRight className="max-sm:hidden">
                  {format.number(reason?.acts ?? 0)}
                </Cell>
                <Cell isRight className="max-sm:hidden">
                  {format.number(reason?.reversed ?? 0)}
                </Cell>
                <Cell isRight className="text-fg-3 max-sm:hidden">
                  {reason === undefined
                    ? "–"
                    : format.dateTime(new Date(reason.latest), { dateStyle: "medium" })}
                </Cell>
              </tr>
            );
          })}
        </tbody>
      </DataTable>
    </div>
  );
}
