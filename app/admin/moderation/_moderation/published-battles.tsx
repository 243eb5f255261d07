"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { publishedBattlesSchema } from "@/lib/protocol";

/** Battles whose texts visitors have published with the vote data; each can be taken out. */
export function PublishedBattles() {
  const t = useTranslations("admin.moderation");
  const moment = useMoment();
  const pages = usePages();
  const query = new URLSearchParams(pages.query);
  const battles = useConsoleData(`/api/admin/moderation/battles?${query}`, publishedBattlesSchema);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <section aria-labelledby="published-battles" className="mt-10">
      <h2 id="published-battles" className="text-h2">
        {t("battles")}
      </h2>
      <p className="mt-1 mb-3 text-hint text-fg-2">{t("battlesLead")}</p>
      <Loaded from={battles}>
        {({ battles: rows, next }) => (
          <>
            {rows.length === 0 ? (
              <Empty>{t("noBattles")}</Empty>
            ) : (
              <ConsoleTable
                caption={t("battles")}
                head={
                  <>
                    <Head>{t("battle")}</Head>
                    <Head>{t("models")}</Head>
                    <Head>{t("publishedAt")}</Head>
                    <Head>
                      <span className="sr-only">{t("actions")}</span>
                    </Head>
                  </>
                }
              >
                {rows.map(({ battleId, title, models, publishedAt }) => (
                  <tr key={battleId}>
                    <RowName className="max-w-[420px]">
                      <Link
                        href={`/battles/${battleId}`}
                        className="line-clamp-2 underline-offset-4 hover:underline"
                      >
                        {title}
                      </Link>
                    </RowName>
                    <Td className="text-fg-2">{t("modelsOf", models)}</Td>
                    <Td className="number whitespace-nowrap text-fg-2">{moment(publishedAt)}</Td>
                    <Td className="text-right">
                      <Button
                        size="bar"
                        variant="quiet"
                        aria-label={t("unpublishOf", { name: title })}
                        onClick={() => setAsked(battleId)}
                      >
                        {t("unpublish")}
                      </Button>
                    </Td>
                  </tr>
                ))}
              </ConsoleTable>
            )}
            <Pager pages={pages} next={next} />
          </>
        )}
      </Loaded>
      {asked === null ? null : (
        <NoteDialog
          title={t("unpublishBattleTitle")}
          action={t("unpublish")}
          isDestructive
          path={`/api/admin/moderation/battles/${asked}/unpublish`}
          onClose={() => setAsked(null)}
          onDone={battles.reload}
        >
          {t("unpublishBattleBody")}
        </NoteDialog>
      )}
    </section>
  );
}
