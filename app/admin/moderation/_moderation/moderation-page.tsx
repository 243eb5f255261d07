"use client";

import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { Segmented } from "@/app/_ui/segmented";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { moderationQueueSchema } from "@/lib/protocol";
import { FlaggedItem } from "./flagged-item";
import { PublishedPages } from "./published-pages";

const statuses = ["open", "resolved", "dismissed"] as const;
const pollMs = 15_000;

export function ModerationPage() {
  const t = useTranslations("admin.moderation");
  const [status, setStatus] = useQueryState("status", parseAsStringLiteral(statuses).withDefault("open"));
  const [befores, setBefores] = useState<string[]>([]);
  const before = befores.at(-1);
  const query = new URLSearchParams({ status, ...(before === undefined ? {} : { before }) });
  const queue = useConsoleData(`/api/admin/moderation?${query}`, moderationQueueSchema, pollMs);
  return (
    <>
      <PageHead
        title={t("title")}
        lead={queue.data === null ? t("lead") : t("leadOpen", { count: queue.data.open })}
      />
      <div className="mb-4 max-w-[420px]">
        <Segmented
          label={t("status")}
          isCompact
          choices={statuses.map((value) => ({ value, label: t(`statuses.${value}`) }))}
          value={status}
          onChoose={(value) => {
            setBefores([]);
            void setStatus(statuses.find((known) => known === value) ?? "open");
          }}
        />
      </div>
      <Loaded from={queue}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <p className="rounded-panel border border-line-2 px-4 py-6 text-fg-2">{t(`empty.${status}`)}</p>
            ) : (
              <ol className="flex flex-col gap-4">
                {items.map((item) => (
                  <li key={item.subjectId}>
                    <FlaggedItem item={item} onDone={queue.reload} />
                  </li>
                ))}
              </ol>
            )}
            <div className="mt-4 flex gap-2">
              {befores.length === 0 ? null : (
                <Button onClick={() => setBefores((known) => known.slice(0, -1))}>{t("newer")}</Button>
              )}
              {next === null ? null : (
                <Button onClick={() => setBefores((known) => [...known, next])}>{t("older")}</Button>
              )}
            </div>
          </>
        )}
      </Loaded>
      <PublishedPages />
    </>
  );
}
