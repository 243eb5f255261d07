"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { type RefusedVisitors as Refused, refusedVisitorsSchema } from "@/lib/protocol";

/** Of whom the chain has refused something: what was found, how often, where. Never what was sent, which is not kept. */
export function RefusedVisitors() {
  const t = useTranslations("admin.moderation");
  const moment = useMoment();
  const pages = usePages();
  const query = new URLSearchParams(pages.query);
  const refused = useConsoleData(`/api/admin/moderation/refused?${query}`, refusedVisitorsSchema);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <section aria-labelledby="refused-visitors" className="mt-10">
      <h2 id="refused-visitors" className="text-h2">
        {t("refused")}
      </h2>
      <p className="mt-1 mb-3 text-hint text-fg-2">{t("refusedLead")}</p>
      <Loaded from={refused}>
        {({ visitors, next }) => (
          <>
            {visitors.length === 0 ? (
              <Empty>{t("noRefused")}</Empty>
            ) : (
              <ConsoleTable
                caption={t("refused")}
                head={
                  <>
                    <Head>{t("visitor")}</Head>
                    <Head>{t("refusedFor")}</Head>
                    <Head>{t("lastRefused")}</Head>
                    <Head>
                      <span className="sr-only">{t("actions")}</span>
                    </Head>
                  </>
                }
              >
                {visitors.map(({ visitorId, isDisabled, last, refusals }) => (
                  <tr key={visitorId}>
                    <RowName className="font-mono text-small whitespace-nowrap">
                      {shortened(visitorId)}
                    </RowName>
                    <Td>
                      <ul>
                        {refusals.map((refusal) => (
                          <Refusal
                            key={`${refusal.category} ${refusal.surface} ${refusal.isImage}`}
                            {...refusal}
                          />
                        ))}
                      </ul>
                    </Td>
                    <Td className="number whitespace-nowrap text-fg-2">{moment(last)}</Td>
                    <Td className="text-right">
                      {isDisabled ? (
                        <Badge>{t("visitorDisabled")}</Badge>
                      ) : (
                        <Button
                          size="bar"
                          variant="quiet"
                          aria-label={t("stopOf", { name: shortened(visitorId) })}
                          onClick={() => setAsked(visitorId)}
                        >
                          {t("action.disable_visitor")}
                        </Button>
                      )}
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
    </section>
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

/** Ids begin with the time of their making, so the end tells them apart. */
function shortened(id: string): string {
  return `…${id.slice(-12)}`;
}
