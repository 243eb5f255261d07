"use client";

import { Hourglass, ListRestart, WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { ProblemNotice } from "@/app/_components/problem-notice";
import { useIsOnline } from "@/app/_hooks/use-is-online";
import { Button } from "@/app/_ui/button";
import { Notice } from "@/app/_ui/notice";
import { type ArenaState, openBattle } from "./arena-state";

type NoticesProps = {
  state: ArenaState;
  onCancelWaiting: () => void;
  onResumeReplay: () => void;
  onDropReplay: () => void;
};

/** At most one line above the composer: the one that matters most. */
export function Notices({ state, onCancelWaiting, onResumeReplay, onDropReplay }: NoticesProps) {
  const t = useTranslations();
  const isOnline = useIsOnline();
  // Where nothing is being written, nobody waits for what the connection brings.
  const isAwaited = state.outgoing !== null || openBattle(state.battle)?.status === "running";
  const isReplayOffered =
    state.isReplayHeld &&
    state.replay.length > 0 &&
    !state.waiting &&
    !isAwaited &&
    state.vote.phase === "none";
  return (
    <div role="status" className="flex flex-col gap-2.5">
      {isOnline ? null : (
        <Notice icon={<WifiOff size={16} aria-hidden="true" />}>{t("notice.offline")}</Notice>
      )}
      {isOnline && state.waiting ? (
        <Notice
          icon={<Hourglass size={16} aria-hidden="true" />}
          action={
            <Button variant="quiet" size="bar" onClick={onCancelWaiting}>
              {t("common.cancel")}
            </Button>
          }
        >
          {t("notice.noWorker")}
        </Notice>
      ) : null}
      {isOnline && isAwaited && state.connection === "reconnecting" ? (
        <Notice icon={<WifiOff size={16} aria-hidden="true" />}>{t("notice.reconnecting")}</Notice>
      ) : null}
      {isOnline && state.problem !== null ? <ProblemNotice problem={state.problem} /> : null}
      {isReplayOffered ? (
        <Notice
          icon={<ListRestart size={16} aria-hidden="true" />}
          action={
            <>
              <Button variant="quiet" size="bar" onClick={onDropReplay}>
                {t("compare.dropReplay")}
              </Button>
              <Button size="bar" onClick={onResumeReplay}>
                {t("compare.resumeReplay")}
              </Button>
            </>
          }
        >
          {t("compare.replayHeld", { count: state.replay.length })}
        </Notice>
      ) : null}
    </div>
  );
}
