"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_ui/button";
import { Td } from "@/app/admin/_admin/console-table";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { publishedBattlesSchema } from "@/lib/protocol";
import { ListSection } from "./list-section";
import { PublishedName } from "./published-name";

/** Battles whose texts visitors have published with the vote data; each can be taken out. */
export function PublishedBattles() {
  const t = useTranslations("admin.moderation");
  const moment = useMoment();
  const pages = usePages();
  const query = new URLSearchParams(pages.query);
  const battles = useConsoleData(`/api/admin/moderation/battles?${query}`, publishedBattlesSchema);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <ListSection
      id="published-battles"
      title={t("battles")}
      lead={t("battlesLead")}
      empty={t("noBattles")}
      columns={[{ title: t("battle") }, { title: t("models") }, { title: t("publishedAt") }]}
      from={battles}
      rows={(data) =>
        data.battles.map(({ battleId, title, models, publishedAt }) => ({
          key: battleId,
          cells: (
            <>
              <PublishedName href={`/battles/${battleId}`} title={title} />
              <Td className="text-fg-2">{t("modelsOf", models)}</Td>
              <Td className="number whitespace-nowrap text-fg-2">{moment(publishedAt)}</Td>
            </>
          ),
          actions: (
            <Button
              size="bar"
              variant="quiet"
              aria-label={t("unpublishOf", { name: title })}
              onClick={() => setAsked(battleId)}
            >
              {t("unpublish")}
            </Button>
          ),
        }))
      }
      pager={({ next }) => <Pager pages={pages} next={next} />}
    >
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
    </ListSection>
  );
}
