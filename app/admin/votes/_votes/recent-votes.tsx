"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { Actions, ActionsHead, ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { TextField } from "@/app/admin/_admin/fields";
import { Loaded } from "@/app/admin/_admin/loading";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { Pager } from "@/app/admin/_admin/pager";
import { shortId } from "@/app/admin/_admin/short-id";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import type { Pages } from "@/app/admin/_admin/use-pages";
import { type AdminVotes, adminVotesSchema } from "@/lib/protocol";

type VoteRow = AdminVotes["votes"][number];
type Asked = { kind: "vote" | "visitor"; vote: VoteRow } | null;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Shown = { visitor: string; act: string };

type RecentVotesProps = {
  /** Whose votes, or those of which exclusion; empty: all. */
  shown: Shown;
  pages: Pages;
  /** Shows others, from the newest on. */
  onShow: (next: Partial<Shown>) => void;
};

export function RecentVotes({ shown: { visitor, act }, pages, onShow }: RecentVotesProps) {
  const t = useTranslations("admin.votes");
  const moment = useMoment();
  const [asked, setAsked] = useState<Asked>(null);
  const isVisitor = uuid.test(visitor.trim());
  const query = new URLSearchParams({
    ...(isVisitor ? { visitor: visitor.trim() } : {}),
    ...(uuid.test(act) ? { act } : {}),
    ...pages.query,
  });
  const votes = useConsoleData(`/api/admin/votes?${query}`, adminVotesSchema);
  return (
    <section aria-labelledby="recent-votes">
      <h2 id="recent-votes" className="mb-3 text-h2">
        {t("recent")}
      </h2>
      <div className="mb-3 max-w-[420px]">
        <TextField
          label={t("visitor")}
          hint={t("visitorHint")}
          value={visitor}
          error={visitor.trim() !== "" && !isVisitor ? t("visitorFault") : undefined}
          onChange={(next) => onShow({ visitor: next })}
        />
      </div>
      {act === "" ? null : (
        <p className="mb-3 flex flex-wrap items-center gap-2 text-hint text-fg-2">
          {t("ofAct")}
          <Button size="bar" variant="quiet" onClick={() => onShow({ act: "" })}>
            {t("ofActClear")}
          </Button>
        </p>
      )}
      <Loaded from={votes}>
        {({ votes: rows, next }) =>
          rows.length === 0 ? (
            <Empty>{t("noVotes")}</Empty>
          ) : (
            <>
              <ConsoleTable
                caption={t("recent")}
                minWidth="min-w-[900px]"
                head={
                  <>
                    <Head>{t("models")}</Head>
                    <Head>{t("outcome")}</Head>
                    <Head>{t("at")}</Head>
                    <Head>{t("board")}</Head>
                    <Head>{t("visitor")}</Head>
                    <ActionsHead>{t("actions")}</ActionsHead>
                  </>
                }
              >
                {rows.map((vote) => (
                  <tr key={vote.id}>
                    <RowName className="font-normal">
                      {vote.modelA} · {vote.modelB}
                    </RowName>
                    <Td>
                      <span className="flex items-center gap-2 whitespace-nowrap">
                        {t(`outcomes.${vote.outcome}`)}
                        {vote.isExcluded ? <Badge>{t("excluded")}</Badge> : null}
                      </span>
                    </Td>
                    <Td className="number whitespace-nowrap text-fg-2">{moment(vote.at)}</Td>
                    <Td>{t(`boards.${vote.board}`)}</Td>
                    <Td>
                      <button
                        type="button"
                        className="font-mono text-small underline-offset-4 hover:underline"
                        title={vote.visitorId}
                        onClick={() => onShow({ visitor: vote.visitorId, act: "" })}
                      >
                        {shortId(vote.visitorId)}
                      </button>
                    </Td>
                    <Actions>
                      {vote.isExcluded ? null : (
                        <Button
                          size="bar"
                          variant="quiet"
                          aria-label={t("excludeOf", { a: vote.modelA, b: vote.modelB, at: moment(vote.at) })}
                          onClick={() => setAsked({ kind: "vote", vote })}
                        >
                          {t("exclude")}
                        </Button>
                      )}
                      <Button
                        size="bar"
                        variant="quiet"
                        aria-label={t("excludeAllOf", { visitor: shortId(vote.visitorId) })}
                        onClick={() => setAsked({ kind: "visitor", vote })}
                      >
                        {t("excludeAll")}
                      </Button>
                    </Actions>
                  </tr>
                ))}
              </ConsoleTable>
              <Pager pages={pages} next={next} />
            </>
          )
        }
      </Loaded>
      {asked === null ? null : (
        <NoteDialog
          title={t(asked.kind === "vote" ? "excludeTitle" : "excludeAllTitle")}
          action={t("exclude")}
          isDestructive
          path="/api/admin/votes/exclude"
          body={asked.kind === "vote" ? { voteId: asked.vote.id } : { visitorId: asked.vote.visitorId }}
          onClose={() => setAsked(null)}
          onDone={votes.reload}
        >
          {t("excludeBody")}
        </NoteDialog>
      )}
    </section>
  );
}
