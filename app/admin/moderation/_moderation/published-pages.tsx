"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { publishedSharesSchema } from "@/lib/protocol";

/** What visitors have published at an address of its own; each page can be taken down. */
export function PublishedPages() {
  const t = useTranslations("admin.moderation");
  const moment = useMoment();
  const shares = useConsoleData("/api/admin/moderation/shares", publishedSharesSchema);
  const [asked, setAsked] = useState<{ token: string; title: string } | null>(null);
  return (
    <section aria-labelledby="published-pages" className="mt-10">
      <h2 id="published-pages" className="text-h2">
        {t("pages")}
      </h2>
      <p className="mt-1 mb-3 text-hint text-fg-2">{t("pagesLead")}</p>
      <Loaded from={shares}>
        {({ shares: rows }) =>
          rows.length === 0 ? (
            <Empty>{t("noPages")}</Empty>
          ) : (
            <ConsoleTable
              caption={t("pages")}
              head={
                <>
                  <Head>{t("page")}</Head>
                  <Head>{t("kindHead")}</Head>
                  <Head>{t("publishedAt")}</Head>
                  <Head isRight>{t("keptFinds")}</Head>
                  <Head>
                    <span className="sr-only">{t("actions")}</span>
                  </Head>
                </>
              }
            >
              {rows.map((share) => (
                <tr key={share.token}>
                  <RowName className="max-w-[420px]">
                    <Link
                      href={`/s/${share.token}`}
                      className="line-clamp-2 underline-offset-4 hover:underline"
                    >
                      {share.title}
                    </Link>
                  </RowName>
                  <Td>{t(share.kind === "chat" ? "kind.message" : "kind.response")}</Td>
                  <Td className="number whitespace-nowrap text-fg-2">{moment(share.createdAt)}</Td>
                  <Td isRight>{share.keptFinds}</Td>
                  <Td className="text-right">
                    <Button
                      size="bar"
                      variant="quiet"
                      aria-label={t("unpublishOf", { name: share.title })}
                      onClick={() => setAsked(share)}
                    >
                      {t("unpublish")}
                    </Button>
                  </Td>
                </tr>
              ))}
            </ConsoleTable>
          )
        }
      </Loaded>
      {asked === null ? null : (
        <NoteDialog
          title={t("unpublishTitle")}
          action={t("unpublish")}
          isDestructive
          path={`/api/admin/moderation/shares/${encodeURIComponent(asked.token)}/unpublish`}
          onClose={() => setAsked(null)}
          onDone={shares.reload}
        >
          {t("unpublishBody")}
        </NoteDialog>
      )}
    </section>
  );
}
