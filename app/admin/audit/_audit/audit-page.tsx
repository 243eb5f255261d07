"use client";

import { useTranslations } from "next-intl";
import { parseAsString, useQueryStates } from "nuqs";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { SelectField, TextField } from "@/app/admin/_admin/fields";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { auditLogSchema } from "@/lib/protocol";

/** Parts of the site whose deeds can be looked at alone: beginnings of action names. */
const parts = [
  "worker.",
  "model.",
  "key.",
  "join_token.",
  "settings.",
  "moderation.",
  "votes.",
  "share.",
  "release.",
  "sampling.",
  "user.",
  "session.",
] as const;

export function AuditPage() {
  const t = useTranslations("admin.audit");
  const [filters, setFilters] = useQueryStates({
    action: parseAsString.withDefault(""),
    target: parseAsString.withDefault(""),
    actor: parseAsString.withDefault(""),
  });
  const pages = usePages();
  const query = new URLSearchParams({ ...filters, ...pages.query });
  const log = useConsoleData(`/api/admin/audit?${query}`, auditLogSchema);
  const moment = useMoment();
  const change = (next: Partial<typeof filters>) => {
    pages.toNewest();
    void setFilters(next);
  };

  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <div className="mb-4 grid max-w-[820px] grid-cols-1 gap-3 sm:grid-cols-3">
        <SelectField
          label={t("part")}
          value={filters.action}
          choices={[
            { value: "", label: t("all") },
            ...parts.map((value) => ({ value, label: t(`parts.${value.slice(0, -1) as "worker"}`) })),
          ]}
          onChange={(action) => change({ action })}
        />
        <TextField label={t("target")} value={filters.target} onChange={(target) => change({ target })} />
        <TextField
          label={t("actor")}
          hint={t("actorHint")}
          value={filters.actor}
          onChange={(actor) => change({ actor })}
        />
      </div>
      <Loaded from={log}>
        {({ lines, next }) =>
          lines.length === 0 ? (
            <Empty>{t("empty")}</Empty>
          ) : (
            <>
              <ConsoleTable
                caption={t("title")}
                minWidth="min-w-[860px]"
                head={
                  <>
                    <Head>{t("at")}</Head>
                    <Head>{t("by")}</Head>
                    <Head>{t("action")}</Head>
                    <Head>{t("to")}</Head>
                    <Head>{t("details")}</Head>
                  </>
                }
              >
                {lines.map((line) => (
                  <tr key={line.id}>
                    <Td className="number whitespace-nowrap text-fg-2">{moment(line.at)}</Td>
                    <Td>
                      {line.actorLabel}
                      {line.actorKind === "user" ? null : (
                        <span className="block text-small text-fg-3">{t(`kind.${line.actorKind}`)}</span>
                      )}
                    </Td>
                    <RowName>{line.action}</RowName>
                    <Td className="max-w-[260px] break-words">
                      <span className="text-fg-3">{line.targetKind}</span> {line.targetId}
                    </Td>
                    <Td className="max-w-[420px] font-mono text-small break-words text-fg-2">
                      {JSON.stringify(line.details)}
                    </Td>
                  </tr>
                ))}
              </ConsoleTable>
              <Pager pages={pages} next={next} />
            </>
          )
        }
      </Loaded>
    </>
  );
}
