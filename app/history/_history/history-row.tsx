"use client";

import { Globe, Trash2 } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { PublishChoice } from "@/app/_components/sharing/publish-choice";
import { ShareButton } from "@/app/_components/sharing/share-button";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { Badge } from "@/app/_ui/badge";
import { Button, buttonClass } from "@/app/_ui/button";
import { IconButton } from "@/app/_ui/icon-button";
import type { HistoryEntry } from "@/lib/protocol";
import { historyApi } from "./history-api";

type HistoryRowProps = { entry: HistoryEntry; onDeleted: (id: string) => void };

/** One battle: its first prompt, its models where they may be known, its vote, and the removal of its text. */
export function HistoryRow({ entry, onDeleted }: HistoryRowProps) {
  const t = useTranslations();
  const locale = useLocale();
  const [isAsking, setIsAsking] = useState(false);
  const [isChoosing, setIsChoosing] = useState(false);
  const [isPublished, setIsPublished] = useState(entry.isPublished);
  const panelId = useId();
  const { id, kind, models, outcome, isTextDeleted } = entry;
  const address = `${kind === "compare" ? "/compare" : "/"}?battle=${id}`;
  const at = new Date(entry.createdAt);
  const facts = [
    models === null
      ? t("history.unnamed")
      : t("history.versus", { a: models.a.displayName, b: models.b.displayName }),
    t("history.turns", { count: entry.turnCount }),
  ];

  return (
    <li className="border-b border-line py-2.5">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <Link
            href={address}
            className="block truncate rounded-badge text-answer font-medium hover:underline"
          >
            {isTextDeleted ? (
              <span className="font-normal text-fg-3">{t("history.textDeleted")}</span>
            ) : (
              entry.prompt
            )}
          </Link>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-hint text-fg-3">
            <Badge>{t(`history.${kind}`)}</Badge>
            <span className={outcome === null ? undefined : "text-fg-2"}>
              {outcome === null ? t("history.notVoted") : t(`vote.${outcome}`)}
            </span>
            <span className="min-w-0 truncate">{facts.join(" · ")}</span>
            {entry.isShared ? <span className="text-fg-2">{t("sharing.isShared")}</span> : null}
            {isPublished ? <span className="text-fg-2">{t("sharing.isPublished")}</span> : null}
            <time dateTime={entry.createdAt} className="number sm:ml-auto">
              {new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(at)}
            </time>
          </p>
        </div>
        {isTextDeleted || outcome === null ? null : (
          <IconButton
            label={t("sharing.show")}
            aria-expanded={isChoosing}
            aria-controls={panelId}
            onClick={() => setIsChoosing(!isChoosing)}
          >
            <Globe size={16} />
          </IconButton>
        )}
        {isTextDeleted || isAsking ? null : (
          <IconButton label={t("history.deleteOne")} onClick={() => setIsAsking(true)}>
            <Trash2 size={16} />
          </IconButton>
        )}
      </div>
      <div id={panelId} hidden={!isChoosing || isTextDeleted} className="mt-2">
        {isChoosing && !isTextDeleted ? (
          <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 rounded-panel bg-surface px-3 py-2">
            <PublishChoice battleId={id} onChanged={setIsPublished} />
            <ShareButton target={{ battleId: id }} className={buttonClass("default", "bar")} />
          </div>
        ) : null}
      </div>
      {isAsking && !isTextDeleted ? (
        <DeleteOne id={id} onDeleted={onDeleted} onCancel={() => setIsAsking(false)} />
      ) : null}
    </li>
  );
}

type DeleteOneProps = { id: string; onDeleted: (id: string) => void; onCancel: () => void };

function DeleteOne({ id, onDeleted, onCancel }: DeleteOneProps) {
  const t = useTranslations();
  const keep = useRef<HTMLButtonElement>(null);
  const [state, setState] = useState<"asking" | "deleting" | ApiErrorCode>("asking");
  useEffect(() => keep.current?.focus(), []);

  async function remove() {
    setState("deleting");
    try {
      await historyApi.deleteTexts(id);
      onDeleted(id);
    } catch (error) {
      setState(toApiError(error).code);
    }
  }

  return (
    <div className="mt-2 flex flex-wrap items-center gap-2 text-hint">
      <p role="status" className="mr-auto">
        {state === "asking" ? t("history.deleteOneAsk") : null}
        {state === "deleting" ? t("history.deleting") : null}
        {state === "asking" || state === "deleting" ? null : (
          <span className="text-bad">{t("history.deleteFailed", { reason: t(`errors.${state}`) })}</span>
        )}
      </p>
      <Button ref={keep} size="bar" onClick={onCancel}>
        {t("history.keep")}
      </Button>
      <Button
        size="bar"
        variant="destructive"
        aria-disabled={state === "deleting"}
        onClick={() => state !== "deleting" && void remove()}
      >
        {t("history.deleteDo")}
      </Button>
    </div>
  );
}
