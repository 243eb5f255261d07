"use client";

import { CircleAlert, WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { ProblemNotice } from "@/app/_components/problem-notice";
import { useIsOnline } from "@/app/_hooks/use-is-online";
import { Notice } from "@/app/_ui/notice";
import type { ChatState } from "./chat-state";

/** At most one notice above the composer: the one that matters most. */
export function ChatNotices({
  connection,
  problem,
  left,
}: Pick<ChatState, "connection" | "problem" | "left">) {
  const t = useTranslations("notice");
  const tChat = useTranslations("chat");
  const isOnline = useIsOnline();
  const offline = <WifiOff size={16} aria-hidden="true" />;
  const waiting = left.findLast(({ isOut }) => !isOut);
  return (
    <div role="status" className="has-[p]:pb-2.5">
      {!isOnline ? (
        <Notice icon={offline}>{t("offline")}</Notice>
      ) : connection === "reconnecting" ? (
        <Notice icon={offline}>{t("reconnecting")}</Notice>
      ) : problem !== null ? (
        <ProblemNotice problem={problem} />
      ) : waiting !== undefined ? (
        <Notice icon={<CircleAlert size={16} aria-hidden="true" />}>
          {tChat(waiting.conversationId === null ? "leftNew" : "left")}
        </Notice>
      ) : null}
    </div>
  );
}
