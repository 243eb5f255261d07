"use client";

import { Hourglass, ListRestart, type LucideIcon, WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
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

/** What holds until something changes, whatever the last action did. */
type Standing = { Icon: LucideIcon; words: string; action?: ReactNode };

/** At most one notice above the composer: what went wrong with the last action, and what stands anyway. */
export function Notices({ state, onCancelWaiting, onResumeReplay, onDropReplay }: NoticesProps) {
  const t = useTranslations();
  const isOnline = useIsOnline();
  // Where nothing is being written, nobody waits for what the connection brings.
  const isAwaited = state.outgoing !== null || openBattle(state.battle)?.status === "running";
  const isReplayOffered =
    state.isReplayHeld && state.replay.length > 0 && !isAwaited && state.vote.phase === "none";
  const standing: Standing | null = state.waiting
    ? {
        Icon: Hourglass,
        words: t("notice.noWorker"),
        action: (
          <Button variant="quiet" size="bar" onClick={onCancelWaiting}>
            {t("common.cancel")}
          </Button>
        ),
      }
    : isAwaited && state.connection === "reconnecting"
      ? { Icon: WifiOff, words: t("notice.reconnecting") }
      : isReplayOffered
        ? {
            Icon: ListRestart,
            words: t("compare.replayHeld", { count: state.replay.length }),
            action: (
              <>
                <Button variant="quiet" size="bar" onClick={onDropReplay}>
                  {t("compare.dropReplay")}
                </Button>
                <Button size="bar" onClick={onResumeReplay}>
                  {t("compare.resumeReplay")}
                </Button>
              </>
            ),
          }
        : null;
  return (
    <div role="status">
      {!isOnline ? (
        <Notice icon={<WifiOff size={16} aria-hidden="true" />}>{t("notice.offline")}</Notice>
      ) : state.problem !== null ? (
        <ProblemNotice problem={state.problem} also={standing?.words} action={standing?.action} />
      ) : standing !== null ? (
        <Notice icon={<standing.Icon size={16} aria-hidden="true" />} action={standing.action}>
          {standing.words}
        </Notice>
      ) : null}
    </div>
  );
}
