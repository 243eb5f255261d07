"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { historyApi } from "./history-api";

type DeleteState =
  | { phase: "closed" | "asking" | "deleting" }
  | { phase: "deleted"; battles: number }
  | { phase: "failed"; code: ApiErrorCode };

/** What goes, what stays, and one more question before it goes. */
export function DeleteData({ onDeleted }: { onDeleted: () => void }) {
  const t = useTranslations();
  const [state, setState] = useState<DeleteState>({ phase: "closed" });
  const cancel = useRef<HTMLButtonElement>(null);
  const open = useRef<HTMLButtonElement>(null);
  const isAsking = state.phase === "asking" || state.phase === "deleting" || state.phase === "failed";
  useEffect(() => {
    if (isAsking) cancel.current?.focus();
  }, [isAsking]);

  async function remove() {
    setState({ phase: "deleting" });
    try {
      const { battles } = await historyApi.deleteTexts();
      setState({ phase: "deleted", battles });
      onDeleted();
      requestAnimationFrame(() => open.current?.focus());
    } catch (error) {
      setState({ phase: "failed", code: toApiError(error).code });
    }
  }

  return (
    <section aria-labelledby="delete-data">
      <h2 id="delete-data" className="text-h2">
        {t("history.deleteTitle")}
      </h2>
      <p className="mt-1.5 text-hint text-fg-2">{t("history.deleteBody")}</p>
      <p className="mt-1.5 text-hint text-fg-3">{t("history.deleteChats")}</p>
      <p role="status" className="mt-3 text-hint empty:hidden">
        {state.phase === "deleted" ? t("history.deleted", { count: state.battles }) : null}
        {state.phase === "deleting" ? t("history.deleting") : null}
        {state.phase === "asking" ? t("history.deleteAllAsk") : null}
        {state.phase === "failed" ? (
          <span className="text-bad">{t("history.deleteFailed", { reason: t(`errors.${state.code}`) })}</span>
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
              onClick={() => state.phase !== "deleting" && void remove()}
            >
              {t("history.deleteAllDo")}
            </Button>
          </>
        ) : (
          <Button ref={open} variant="destructive" onClick={() => setState({ phase: "asking" })}>
            {t("history.deleteAll")}
          </Button>
        )}
      </div>
    </section>
  );
}
