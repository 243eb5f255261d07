"use client";

import { Check, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import { callApi } from "@/app/_data/call-api";
import { Button } from "@/app/_ui/button";
import { Dialog } from "@/app/_ui/dialog";
import { IconButton } from "@/app/_ui/icon-button";
import { Segmented } from "@/app/_ui/segmented";
import { type FlagReason, type FlagSubject, flagReasons, flagResponseSchema } from "@/lib/protocol";

type FlagDialogProps = {
  subject: FlagSubject;
  sides: { a: string; b: string } | undefined;
  onClose: () => void;
};

type State = { phase: "asking" | "sending" | "sent" } | { phase: "failed"; code: ApiErrorCode };

export function FlagDialog({ subject, sides, onClose }: FlagDialogProps) {
  const t = useTranslations();
  const id = useId();
  const [reason, setReason] = useState<FlagReason>("harmful");
  const [comment, setComment] = useState("");
  const [side, setSide] = useState<"a" | "b">("a");
  const [state, setState] = useState<State>({ phase: "asking" });

  async function send() {
    setState({ phase: "sending" });
    const hasSides = sides !== undefined && (subject.kind === "share" || subject.kind === "published");
    const chosen = hasSides ? { ...subject, side } : subject;
    try {
      const body = { subject: chosen, reason, comment };
      await callApi("/api/flags", flagResponseSchema, { method: "POST", body });
      setState({ phase: "sent" });
    } catch (error) {
      setState({ phase: "failed", code: toApiError(error).code });
    }
  }

  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      title={t("flag.title")}
      close={
        <IconButton label={t("common.close")}>
          <X size={18} />
        </IconButton>
      }
    >
      {state.phase === "sent" ? (
        <div className="flex flex-col gap-4">
          <p role="status" className="flex items-center gap-2">
            <Check size={16} aria-hidden="true" className="text-ok" />
            {t("flag.sent")}
          </p>
          <div className="flex justify-end">
            <Button variant="primary" onClick={onClose}>
              {t("common.close")}
            </Button>
          </div>
        </div>
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            if (state.phase !== "sending") void send();
          }}
        >
          <p className="text-fg-2">{t("flag.lead")}</p>
          {sides === undefined ? null : (
            <Segmented
              label={t("flag.which")}
              choices={[
                { value: "a", label: sides.a },
                { value: "b", label: sides.b },
              ]}
              value={side}
              onChoose={(value) => setSide(value === "b" ? "b" : "a")}
            />
          )}
          <fieldset className="flex flex-col gap-1">
            <legend className="mb-1 text-hint font-medium text-fg-2">{t("flag.reason")}</legend>
            {flagReasons.map((value) => (
              <label key={value} className="flex min-h-8 items-center gap-2.5 max-sm:min-h-11">
                <input
                  type="radio"
                  name={`${id}-reason`}
                  value={value}
                  checked={reason === value}
                  onChange={() => setReason(value)}
                  className="size-4 accent-accent"
                />
                {t(`flag.reasons.${value}`)}
              </label>
            ))}
          </fieldset>
          <div>
            <label htmlFor={`${id}-comment`} className="mb-1 block text-hint font-medium text-fg-2">
              {t("flag.comment")}
            </label>
            <textarea
              id={`${id}-comment`}
              rows={3}
              maxLength={1000}
              value={comment}
              onChange={(event) => setComment(event.target.value)}
              className="block w-full rounded-control border border-control bg-bg px-2.5 py-2 text-ui outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 max-sm:text-field"
            />
          </div>
          {state.phase === "failed" ? (
            <p role="alert" className="text-hint text-bad">
              {t("flag.failed", { reason: t(`errors.${state.code}`) })}
            </p>
          ) : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" variant="primary" aria-disabled={state.phase === "sending"}>
              {t("flag.send")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
