"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { useErrorText } from "@/app/_account/use-form";
import { type ApiError, toApiError } from "@/app/_data/api-error";
import { useLoaded } from "@/app/_hooks/use-loaded";
import { Skeleton } from "@/app/_ui/skeleton";
import type { NewOwnKey } from "@/lib/protocol";
import { LoadFailed } from "../_account/load-failed";
import { KeyForm } from "./key-form";
import { KeyRow } from "./key-row";
import { NewKey } from "./new-key";

/** Keys that this person has made for programs. */
export function KeysPage() {
  const t = useTranslations("account.keys");
  const account = useTranslations("account");
  const errorText = useErrorText();
  const { value, error, set, reload } = useLoaded(accountApi.keys);
  const [created, setCreated] = useState<NewOwnKey | null>(null);
  const [failure, setFailure] = useState<ApiError | null>(null);

  async function revoke(id: string) {
    setFailure(null);
    try {
      set(await accountApi.revokeKey(id));
      if (created?.key.id === id) setCreated(null);
    } catch (thrown) {
      setFailure(toApiError(thrown));
    }
  }

  if (error !== null) return <LoadFailed error={error} onRetry={reload} />;
  if (value === null) return <Skeleton label={account("loading")} />;
  const valid = value.keys.filter(({ revokedAt }) => revokedAt === null);
  const revoked = value.keys.filter(({ revokedAt }) => revokedAt !== null);
  return (
    <div className="mt-6 grid gap-x-16 gap-y-10 md:grid-cols-[minmax(0,1fr)_320px]">
      <section aria-labelledby="own-keys" className="min-w-0">
        <h2 id="own-keys" className="text-h2">
          {t("title")}
        </h2>
        <p className="mt-1 text-hint text-fg-2">{t("lead")}</p>
        {created === null ? null : <NewKey created={created} onDone={() => setCreated(null)} />}
        <div className="mt-3">
          <FormMessage error={errorText(failure)} />
        </div>
        {valid.length === 0 ? (
          <p className="mt-3 text-fg-2">{t("none")}</p>
        ) : (
          <ul className="mt-3 border-t border-line-2">
            {valid.map((key) => (
              <KeyRow key={key.id} item={key} onRevoke={() => revoke(key.id)} />
            ))}
          </ul>
        )}
        {revoked.length === 0 ? null : (
          <details className="mt-5 text-hint">
            <summary className="w-fit rounded-badge text-fg-2">
              {t("revoked", { count: revoked.length })}
            </summary>
            <ul className="mt-2 border-t border-line">
              {revoked.map((key) => (
                <KeyRow key={key.id} item={key} />
              ))}
            </ul>
          </details>
        )}
      </section>
      <KeyForm
        caps={value.caps}
        isSecondary={created !== null}
        onCreated={(key) => {
          setCreated(key);
          reload();
        }}
      />
    </div>
  );
}
