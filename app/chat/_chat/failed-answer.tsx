"use client";

import { RotateCw, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { joinSentences } from "@/app/_components/join-sentences";
import { Button } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";
import type { AssistantMessage } from "@/lib/protocol";

type FailedAnswerProps = {
  message: AssistantMessage;
  canRetry: boolean;
  onRetry: () => void;
  onOtherModel: () => void;
};

/** What happened, what was kept, what to do. */
export function FailedAnswer({ message, canRetry, onRetry, onOtherModel }: FailedAnswerProps) {
  const t = useTranslations("chat.failure");
  const reason = message.failure?.reason ?? "interrupted";
  const parameter = message.failure?.parameter ?? null;
  const body =
    reason === "refused" && parameter !== null ? t("parameter", { parameter }) : t(`${reason}.body`);
  return (
    <InlineError
      icon={<TriangleAlert size={16} aria-hidden="true" />}
      title={t(`${reason}.title`, { model: message.model.displayName })}
      actions={
        canRetry ? (
          <>
            <Button variant="primary" onClick={onRetry}>
              <RotateCw size={16} aria-hidden="true" />
              {t("again")}
            </Button>
            <Button aria-haspopup="dialog" onClick={onOtherModel}>
              {t("other")}
            </Button>
          </>
        ) : undefined
      }
    >
      {joinSentences(body, t("kept", { part: message.text === "" ? "no" : "yes" }))}
    </InlineError>
  );
}
