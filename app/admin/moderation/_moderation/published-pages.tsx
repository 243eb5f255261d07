"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { Td } from "@/app/admin/_admin/console-table";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { publishedSharesSchema } from "@/lib/protocol";
import { ListSection } from "./list-section";
import { PublishedName } from "./published-name";

/** What visitors have published at an address of its own; each page can be taken down. */
export function PublishedPages() {
  const t = useTranslations("admin.moderation");
  const moment = useMoment();
  const shares = useConsoleData("/api/admin/moderation/shares", publishedSharesSchema);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <ListSection
      id="published-pages"
      title={t("pages")}
      lead={t("pagesLead")}
      empty={t("noPages")}
      columns={[
        { title: t("page") },
        { title: t("kindHead") },
        { title: t("publishedAt") },
        { title: t("keptFinds"), isRight: true },
      ]}
      from={shares}
      rows={(data) =>
        data.shares.map(({ token, title, kind, createdAt, keptFinds }) => ({
          key: token,
          cells: (
            <>
              <PublishedName href={`/s/${token}`} title={title} />
              <Td>{t(kind === "chat" ? "kind.message" : "kind.response")}</Td>
              <Td className="number whitespace-nowrap text-fg-2">{moment(createdAt)}</Td>
              <Td isRight>{keptFinds}</Td>
            </>
          ),
          actions: (
            <Button
              size="bar"
              variant="quiet"
              aria-label={t("unpublishOf", { name: title })}
              onClick={() => setAsked(token)}
            >
              {t("unpublish")}
            </Button>
          ),
        }))
      }
    >
      {asked === null ? null : (
        <NoteDialog
          title={t("unpublishTitle")}
          action={t("unpublish")}
          isDestructive
          path={`/api/admin/moderation/shares/${encodeURIComponent(asked)}/unpublish`}
          onClose={() => setAsked(null)}
          onDone={shares.reload}
        >
          {t("unpublishBody")}
        </NoteDialog>
      )}
    </ListSection>
  );
}
