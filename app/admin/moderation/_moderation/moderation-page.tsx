"use client";

import { useTranslations } from "next-intl";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { Segmented } from "@/app/_ui/segmented";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { usePages } from "@/app/admin/_admin/use-pages";
import { moderationQueueSchema } from "@/lib/protocol";
import { FlaggedItem } from "./flagged-item";
import { PublishedBattles } from "./published-battles";
import { PublishedPages } from "./published-pages";
import { RefusedVisitors } from "./refused-visitors";

const statuses = ["open", "resolved", "dismissed"] as const;
const pollMs = 15_000;

export function ModerationPage() {
  const t = useTranslations("admin.moderation");
  const [status, setStatus] = useQueryState("status", parseAsStringLiteral(statuses).withDefault("open"));
  const pages = usePages();
  const query = new URLSearchParams({ status, ...pages.query });
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
            pages.toNewest();
            void setStatus(statuses.find((known) => known === value) ?? "open");
          }}
        />
      </div>
      <Loaded from={queue}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <Empty>{t(`empty.${status}`)}</Empty>
            ) : (
              <ol className="flex flex-col gap-4">
                {items.map((item) => (
                  <li key={item.subjectId}>
                    <FlaggedItem item={item} onDone={queue.reload} />
                  </li>
                ))}
              </ol>
            )}
            <Pager pages={pages} next={next} />
          </>
        )}
      </Loaded>
      <RefusedVisitors />
      <PublishedPages />
      <PublishedBattles />
    </>
  );
}
