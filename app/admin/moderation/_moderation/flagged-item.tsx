"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { NoteDialog } from "@/app/admin/_admin/note-dialog";
import { useMoment } from "@/app/admin/_admin/use-moment";
import type { FlaggedAnswer } from "@/lib/protocol";
import { ResolveDialog } from "./resolve-dialog";

type FlaggedItemProps = { item: FlaggedAnswer; onDone: () => void };

/** The flags, the prompt, the answer, and the two ways on. */
export function FlaggedItem({ item, onDone }: FlaggedItemProps) {
  const t = useTranslations("admin.moderation");
  const tAdmin = useTranslations();
  const moment = useMoment();
  const [asked, setAsked] = useState<"dismiss" | "act" | "unhide" | null>(null);
  const reasonOf = (reason: string) =>
    tAdmin.has(`flag.reasons.${reason}` as never)
      ? tAdmin(`flag.reasons.${reason}` as never)
      : t.has(`category.${reason}` as never)
        ? t(`category.${reason}` as never)
        : reason;
  return (
    <article aria-label={item.model} className="rounded-panel border border-line-2">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
        <h2 className="font-semibold">{item.model}</h2>
        <Badge>{t(`kind.${item.kind}`)}</Badge>
        {item.isPublished ? <Badge tone="accent">{t("published")}</Badge> : null}
        {item.isHidden ? <Badge>{t("hidden")}</Badge> : null}
        {item.isVisitorDisabled ? <Badge>{t("visitorDisabled")}</Badge> : null}
        {item.vote?.isExcluded === true ? <Badge>{t("voteExcluded")}</Badge> : null}
      </div>
      <ul className="border-b border-line px-4 py-3 text-hint">
        {item.flags.map((flag) => (
          <li key={`${flag.at.getTime()} ${flag.reason} ${flag.comment}`} className="py-0.5">
            <span className="font-medium">{reasonOf(flag.reason)}</span>
            <span className="text-fg-3">
              {" · "}
              {flag.isVisitor ? t("byVisitor") : t("byChain")}
              {flag.score === null ? null : ` · ${flag.score.toFixed(2)}`}
              {` · ${moment(flag.at)}`}
            </span>
            {flag.comment === "" ? null : <p className="break-words text-fg-2">{flag.comment}</p>}
          </li>
        ))}
      </ul>
      <dl className="flex flex-col gap-3 px-4 py-3">
        <div>
          <dt className="text-small text-fg-3">{t("prompt")}</dt>
          <dd className="max-h-40 overflow-y-auto break-words whitespace-pre-wrap">{item.prompt}</dd>
        </div>
        <div>
          <dt className="text-small text-fg-3">{t("answer")}</dt>
          <dd className="max-h-72 overflow-y-auto break-words whitespace-pre-wrap">{item.text}</dd>
        </div>
      </dl>
      {item.status === "open" ? (
        <div className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
          <Button onClick={() => setAsked("dismiss")}>{t("dismiss")}</Button>
          <Button variant="destructive" onClick={() => setAsked("act")}>
            {t("act")}
          </Button>
        </div>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-3">
          <p className="text-hint text-fg-3">
            {t("closed", {
              by: item.resolvedBy ?? "",
              at: item.resolvedAt === null ? "" : moment(item.resolvedAt),
            })}
          </p>
          {item.isHidden ? <Button onClick={() => setAsked("unhide")}>{t("unhide")}</Button> : null}
        </div>
      )}
      {asked === "unhide" ? (
        <NoteDialog
          title={t("unhideTitle")}
          action={t("unhide")}
          path={`/api/admin/moderation/${item.subjectId}/unhide`}
          onClose={() => setAsked(null)}
          onDone={onDone}
        >
          {t("unhideBody")}
        </NoteDialog>
      ) : null}
      {asked === null || asked === "unhide" ? null : (
        <ResolveDialog
          item={item}
          isDismissal={asked === "dismiss"}
          onClose={() => setAsked(null)}
          onDone={onDone}
        />
      )}
    </article>
  );
}
