"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { RowName, Td } from "@/app/admin/_admin/console-table";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { Pager } from "@/app/admin/_admin/pager";
import { shortId } from "@/app/admin/_admin/short-id";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { type RefusedVisitors as Refused, refusedVisitorsSchema } from "@/lib/protocol";
import { ListSection } from "./list-section";

/** Of whom the chain has refused something: what was found, how often, where. Never what was sent, which is not kept. */
export function RefusedVisitors() {
  const t = useTranslations("admin.moderation");
  const moment = useMoment();
  const pages = usePages();
  const query = new URLSearchParams(pages.query);
  const refused = useConsoleData(`/api/admin/moderation/refused?${query}`, refusedVisitorsSchema);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <ListSection
      id="refused-visitors"
      title={t("refused")}
      lead={t("refusedLead")}
      empty={t("noRefused")}
      columns={[{ title: t("visitor") }, { title: t("refusedFor") }, { title: t("lastRefused") }]}
      from={refused}
      rows={(data) =>
        data.visitors.map(({ visitorId, isDisabled, last, refusals }) => ({
          key: visitorId,
          cells: (
            <>
              <RowName className="font-mono text-small font-normal whitespace-nowrap">
                <span title={visitorId}>{shortId(visitorId)}</span>
              </RowName>
              <Td>
                <ul>
                  {refusals.map((refusal) => (
                    <Refusal key={`${refusal.category} ${refusal.surface} ${refusal.isImage}`} {...refusal} />
                  ))}
                </ul>
              </Td>
              <Td className="number whitespace-nowrap text-fg-2">{moment(last)}</Td>
            </>
          ),
          actions: isDisabled ? (
            // In line with the words of the buttons above and below.
            <span className="mx-2.5">
              <Badge>{t("visitorDisabled")}</Badge>
            </span>
          ) : (
            <Button
              size="bar"
              variant="quiet"
              aria-label={t("stopOf", { name: shortId(visitorId) })}
              onClick={() => setAsked(visitorId)}
            >
              {t("action.disable_visitor")}
            </Button>
          ),
        }))
      }
      pager={({ next }) => <Pager pages={pages} next={next} />}
    >
      {asked === null ? null : (
        <NoteDialog
          title={t("stopTitle")}
          action={t("action.disable_visitor")}
          isDestructive
          path={`/api/admin/moderation/visitors/${asked}/disable`}
          onClose={() => setAsked(null)}
          onDone={refused.reload}
        >
          {t("actionHint.disable_visitor")}
        </NoteDialog>
      )}
    </ListSection>
  );
}

function Refusal({
  category,
  surface,
  isImage,
  count,
  maxScore,
}: Refused["visitors"][number]["refusals"][number]) {
  const t = useTranslations("admin.moderation");
  const name = t.has(`category.${category}` as never) ? t(`category.${category}` as never) : category;
  return (
    <li>
      {t("refusal", { name, count })}
      <span className="text-fg-3">
        {` · ${t(`surface.${surface}`)}`}
        {isImage ? ` · ${t("image")}` : null}
        {` · ${maxScore.toFixed(2)}`}
      </span>
    </li>
  );
}
