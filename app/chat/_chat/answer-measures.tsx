"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore, formatSeconds } from "@/app/_components/format-number";
import type { AssistantMessage } from "@/lib/protocol";

/** Tokens, time to the first of them and speed: what was measured, and nothing where it was not. */
export function AnswerMeasures({ message }: { message: AssistantMessage }) {
  const t = useTranslations("chat.message");
  const locale = useLocale();
  const { promptTokens, completionTokens, firstTokenMs, totalMs, status, stoppedBy } = message;
  const parts: string[] = [];
  if (status === "stopped") {
    const isByVisitor = stoppedBy === undefined;
    parts.push(t(isByVisitor ? "stopped" : stoppedBy === "absence" ? "stoppedAbsence" : "stoppedServer"));
  }
  if (promptTokens !== null && completionTokens !== null) {
    parts.push(t("tokens", { input: promptTokens, output: completionTokens }));
  }
  if (firstTokenMs !== null) parts.push(t("first", { value: formatSeconds(firstTokenMs, locale) }));
  const writingMs = firstTokenMs === null || totalMs === null ? 0 : totalMs - firstTokenMs;
  // The first token is there when the clock of the others starts.
  if (completionTokens !== null && completionTokens > 1 && writingMs > 0) {
    const speed = ((completionTokens - 1) * 1000) / writingMs;
    parts.push(t("speed", { value: formatScore(speed, locale, speed < 10 ? 1 : 0) }));
  }
  if (parts.length === 0) return null;
  return (
    <p className="number ml-auto py-1 pl-2 text-small text-fg-3 max-sm:w-full max-sm:pl-2">
      {parts.join(" · ")}
    </p>
  );
}
