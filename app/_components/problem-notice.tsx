"use client";

import { CircleAlert, Clock } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { Problem } from "@/app/_data/problem";
import { buttonClass } from "@/app/_ui/button";
import { Notice } from "@/app/_ui/notice";
import { RateLimitWords, useSecondsUntil } from "./rate-limit-words";

type ProblemNoticeProps = {
  problem: Problem;
  /** What else there is to say, on a line of its own. */
  also?: string | undefined;
  /** What can be done; in place of what would be offered otherwise. */
  action?: ReactNode;
};

/** What went wrong with the last action, what was kept, and what can be done about it. */
export function ProblemNotice({ problem, also, action }: ProblemNoticeProps) {
  const t = useTranslations();
  if (problem.retryAt !== null) {
    return <RateLimited problem={problem} retryAt={problem.retryAt} also={also} action={action} />;
  }
  const reason =
    problem.code === "battle_not_found"
      ? t("notice.gone")
      : problem.code === "conversation_not_found"
        ? t("notice.chatGone")
        : problem.code === "content_refused" && problem.category
          ? // Whoever may be in need is told of help, whatever it was that told us.
            t(
              `refusal.${problem.isAboutImage && problem.category !== "self_harm" ? "image" : problem.category}`,
            )
          : t(`errors.${problem.code}`);
  return (
    <Notice icon={<CircleAlert size={16} aria-hidden="true" />} action={action}>
      {problem.isTextKept ? t("notice.kept", { reason }) : reason}
      <Also words={also} />
    </Notice>
  );
}

function Also({ words }: { words: string | undefined }) {
  return words === undefined ? null : <span className="block">{words}</span>;
}

function RateLimited({ problem, retryAt, also, action }: ProblemNoticeProps & { retryAt: number }) {
  const t = useTranslations("notice");
  const seconds = useSecondsUntil(retryAt) ?? 0;
  const words = <RateLimitWords problem={problem} seconds={seconds} />;
  // An account has limits of its own; those of the network hold for it too.
  const helpsToSignIn = seconds > 0 && problem.limit?.scope === "visitor";
  return (
    <Notice
      icon={<Clock size={16} aria-hidden="true" />}
      action={action ?? (helpsToSignIn ? <SignInForMore /> : undefined)}
    >
      {problem.isTextKept ? t.rich("keptAfter", { reason: () => words }) : words}
      <Also words={also} />
    </Notice>
  );
}

/** Only ever shown in a browser, where the page has an address to come back to. */
export function SignInForMore() {
  const t = useTranslations("notice");
  const { pathname, search } = window.location;
  const next = new URLSearchParams({ next: pathname + search });
  return (
    <Link href={`/sign-in?${next}`} prefetch={false} className={buttonClass("quiet", "bar")}>
      {t("signIn")}
    </Link>
  );
}
