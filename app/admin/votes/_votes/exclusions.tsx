"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { formatChange } from "@/app/_components/format-number";
import { Button } from "@/app/_ui/button";
import { ConsoleDialog } from "@/app/admin/_admin/console-dialog";
import { Actions, ActionsHead, ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { Pager } from "@/app/admin/_admin/pager";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { usePages } from "@/app/admin/_admin/use-pages";
import { adminExclusionsSchema } from "@/lib/protocol";
import { type Exclusion, ExclusionEvidence } from "./exclusion-evidence";

type ExclusionsProps = {
  /** Shows the votes of one of them. */
  onShow: (actId: string) => void;
};

/** Decisions that votes do not count: why, how many, what it did to the board, and the way back. */
export function Exclusions({ onShow }: ExclusionsProps) {
  const t = useTranslations("admin.votes");
  const moment = useMoment();
  const pages = usePages();
  const exclusions = useConsoleData(
    `/api/admin/exclusions?${new URLSearchParams(pages.query)}`,
    adminExclusionsSchema,
  );
  const [asked, setAsked] = useState<Exclusion | null>(null);
  const [looked, setLooked] = useState<Exclusion | null>(null);
  return (
    <section aria-labelledby="exclusions">
      <h2 id="exclusions" className="mb-3 text-h2">
        {t("exclusions")}
      </h2>
      <Loaded from={exclusions}>
        {({ exclusions: rows, next }) =>
          rows.length === 0 ? (
            <Empty>{t("noExclusions")}</Empty>
          ) : (
            <>
              <ConsoleTable
                caption={t("exclusions")}
                minWidth="min-w-[900px]"
                head={
                  <>
                    <Head>{t("reason")}</Head>
                    <Head>{t("at")}</Head>
                    <Head isRight>{t("votes")}</Head>
                    <Head>{t("effect")}</Head>
                    <Head>{t("by")}</Head>
                    <Head>{t("state")}</Head>
                    <ActionsHead>{t("actions")}</ActionsHead>
                  </>
                }
              >
                {rows.map((row) => (
                  <tr key={row.actId}>
                    <RowName className="min-w-[180px]">
                      {t(`reasons.${row.reason}`)}
                      {row.note === "" ? null : (
                        <span className="block max-w-[320px] text-small font-normal break-words text-fg-3">
                          {row.note}
                        </span>
                      )}
                    </RowName>
                    <Td className="number whitespace-nowrap text-fg-2">{moment(row.at)}</Td>
                    <Td isRight>{row.votes}</Td>
                    <Td className="text-hint text-fg-2">
                      <Effect of={row.effect} />
                    </Td>
                    <Td>{row.by}</Td>
                    <Td>
                      {row.reversal === null ? (
                        t("inForce")
                      ) : (
                        <span className="break-keep text-fg-2" title={row.reversal.note}>
                          {t("reversedBy", { by: row.reversal.by })}
                        </span>
                      )}
                    </Td>
                    <Actions>
                      <Button
                        size="bar"
                        variant="quiet"
                        aria-label={t("lookOf", { at: moment(row.at) })}
                        onClick={() => setLooked(row)}
                      >
                        {t("look")}
                      </Button>
                      {row.reversal === null ? (
                        <Button
                          size="bar"
                          variant="quiet"
                          aria-label={t("reverseOf", { at: moment(row.at) })}
                          onClick={() => setAsked(row)}
                        >
                          {t("reverse")}
                        </Button>
                      ) : null}
                    </Actions>
                  </tr>
                ))}
              </ConsoleTable>
              <Pager pages={pages} next={next} />
            </>
          )
        }
      </Loaded>
      {looked === null ? null : (
        <ConsoleDialog
          title={t("lookTitle", { reason: t(`reasons.${looked.reason}`), count: looked.votes })}
          onClose={() => setLooked(null)}
        >
          <div className="flex flex-col gap-4 text-ui text-fg-2">
            <ExclusionEvidence of={looked} />
            <div className="flex justify-end gap-2">
              <Button
                onClick={() => {
                  setLooked(null);
                  onShow(looked.actId);
                }}
              >
                {t("all")}
              </Button>
              {looked.reversal === null ? (
                <Button
                  variant="primary"
                  onClick={() => {
                    setLooked(null);
                    setAsked(looked);
                  }}
                >
                  {t("reverse")}
                </Button>
              ) : null}
            </div>
          </div>
        </ConsoleDialog>
      )}
      {asked === null ? null : (
        <NoteDialog
          title={t("reverseTitle", { count: asked.votes })}
          action={t("reverse")}
          path={`/api/admin/exclusions/${asked.actId}/reverse`}
          onClose={() => setAsked(null)}
          onDone={exclusions.reload}
        >
          <div className="flex flex-col gap-3">
            <ExclusionEvidence of={asked} />
            <p>{t("reverseBody")}</p>
          </div>
        </NoteDialog>
      )}
    </section>
  );
}

function Effect({ of: moves }: { of: Exclusion["effect"] }) {
  const t = useTranslations("admin");
  const locale = useLocale();
  if (moves.length === 0) return t("none");
  return (
    <ul>
      {moves.map(({ model, points }) => (
        <li key={model} className="whitespace-nowrap">
          {model} <span className="number text-fg">{formatChange(points, locale)}</span>
        </li>
      ))}
    </ul>
  );
}
