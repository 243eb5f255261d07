"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { historyApi } from "./history-api";

/** Texts of battles, or chats: what is removed in one go. */
const kinds = {
  texts: {
    words: {
      open: "deleteAll",
      ask: "deleteAllAsk",
      confirm: "deleteAllDo",
      running: "deleting",
      done: "deleted",
      failed: "deleteFailed",
    },
    remove: async () => (await historyApi.deleteTexts()).battles,
  },
  chats: {
    words: {
      open: "deleteAllChats",
      ask: "deleteAllChatsAsk",
      confirm: "deleteAllChatsDo",
      running: "deletingChats",
      done: "deletedChats",
      failed: "deleteChatsFailed",
    },
    remove: async () => (await historyApi.deleteChats()).conversations,
  },
} as const;

type DeleteState =
  | { phase: "closed" | "asking" | "deleting" }
  | { phase: "deleted"; count: number }
  | { phase: "failed"; code: ApiErrorCode };

/** What goes, what stays, and one more question before it goes. */
export function DeleteData({ onDeleted }: { onDeleted: () => void }) {
  const t = useTranslations("history");
  return (
    <section aria-labelledby="delete-data">
      <h2 id="delete-data" className="text-h2">
        {t("deleteTitle")}
      </h2>
      <p className="mt-1.5 text-hint text-fg-2">{t("deleteBody")}</p>
      <DeletePart kind="texts" onDeleted={onDeleted} />
      <p className="mt-5 text-hint text-fg-2">{t("deleteChats")}</p>
      <DeletePart kind="chats" onDeleted={onDeleted} />
    </section>
  );
}

function DeletePart({ kind, onDeleted }: { kind: keyof typeof kinds; onDeleted: () => void }) {
  const t = useTranslations();
  const { words, remove } = kinds[kind];
  const [state, setState] = useState<DeleteState>({ phase: "closed" });
  const cancel = useRef<HTMLButtonElement>(null);
  const open = useRef<HTMLButtonElement>(null);
  const isAsking = state.phase === "asking" || state.phase === "deleting" || state.phase === "failed";
  useEffect(() => {
    if (isAsking) cancel.current?.focus();
  }, [isAsking]);

  async function run() {
    setState({ phase: "deleting" });
    try {
      setState({ phase: "deleted", count: await remove() });
      onDeleted();
      requestAnimationFrame(() => open.current?.focus());
    } catch (error) {
      setState({ phase: "failed", code: toApiError(error).code });
    }
  }

  return (
    <>
      <p role="status" className="mt-3 text-hint empty:hidden">
        {state.phase === "deleted" ? t(`history.${words.done}`, { count: state.count }) : null}
        {state.phase === "deleting" ? t(`history.${words.running}`) : null}
        {state.phase === "asking" ? t(`history.${words.ask}`) : null}
        {state.phase === "failed" ? (
          <span className="text-bad">
            {t(`history.${words.failed}`, { reason: t(`errors.${state.code}`) })}
          </span>
        ) : null}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        {isAsking ? (
          <>
            <Button ref={cancel} onClick={() => setState({ phase: "closed" })}>
              {t("common.cancel")}
            </Button>
            <Button
              variant="destructive"
              aria-disabled={state.phase === "deleting"}
              onClick={() => state.phase !== "deleting" && void run()}
            >
              {t(`history.${words.confirm}`)}
            </Button>
          </>
        ) : (
          <Button ref={open} variant="destructive" onClick={() => setState({ phase: "asking" })}>
            {t(`history.${words.open}`)}
          </Button>
        )}
      </div>
    </>
  );
}
