"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { useErrorText } from "@/app/_account/use-form";
import { type ApiError, toApiError } from "@/app/_data/api-error";
import { useLoaded } from "@/app/_hooks/use-loaded";
import { Badge } from "@/app/_ui/badge";
import { Button } from "@/app/_ui/button";
import { Skeleton } from "@/app/_ui/skeleton";
import type { SessionView } from "@/lib/protocol";
import { AccountSection } from "./account-section";
import { describeBrowser } from "./describe-browser";
import { LoadFailed } from "./load-failed";

/** Where the account is signed in, and how each of them ends. */
export function Sessions() {
  const t = useTranslations("account");
  const errorText = useErrorText();
  const { value, error, set, reload } = useLoaded(accountApi.sessions);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [done, setDone] = useState<string | null>(null);

  async function end(id?: string) {
    setFailure(null);
    setDone(null);
    try {
      set(await accountApi.endSession(id));
      setDone(t(id === undefined ? "othersEnded" : "sessionEnded"));
    } catch (thrown) {
      setFailure(toApiError(thrown));
    }
  }

  return (
    <AccountSection title={t("sessions")} note={t("sessionsNote")}>
      {error === null ? null : <LoadFailed error={error} onRetry={reload} />}
      {value === null && error === null ? <Skeleton label={t("loading")} /> : null}
      {value === null ? null : (
        <ul className="border-t border-line">
          {value.sessions.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => void end(session.id)} />
          ))}
        </ul>
      )}
      <div className="mt-3 flex flex-col items-start gap-3">
        <FormMessage error={errorText(failure)} done={done} />
        {value !== null && value.sessions.length > 1 ? (
          <Button className="max-sm:h-11" onClick={() => void end()}>
            {t("endOthers")}
          </Button>
        ) : null}
      </div>
    </AccountSection>
  );
}

function SessionRow({ session, onEnd }: { session: SessionView; onEnd: () => void }) {
  const t = useTranslations("account");
  const format = useFormatter();
  const browser = describeBrowser(session.userAgent);
  const name =
    browser === null
      ? t("unknownBrowser")
      : browser.system === null
        ? browser.name
        : t("browser", { browser: browser.name, system: browser.system });
  const at = format.dateTime(new Date(session.signedInAt), { dateStyle: "medium", timeStyle: "short" });
  return (
    <li className="flex min-h-14 items-center justify-between gap-3 border-b border-line py-2">
      <span className="min-w-0">
        <span className="flex items-center gap-2">
          <span className="truncate">{name}</span>
          {session.isCurrent ? <Badge>{t("thisOne")}</Badge> : null}
        </span>
        <span className="number block text-hint text-fg-3">{t("signedInAt", { at })}</span>
      </span>
      {session.isCurrent ? null : (
        <Button
          size="bar"
          className="max-sm:h-11"
          aria-label={t("endSessionOf", { name, at })}
          onClick={onEnd}
        >
          {t("endSession")}
        </Button>
      )}
    </li>
  );
}
