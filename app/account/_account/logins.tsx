"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { type Provider, ProviderButtons } from "@/app/_account/provider-buttons";
import { useErrorText } from "@/app/_account/use-form";
import { ApiError, toApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import type { Account } from "@/lib/protocol";
import { AccountSection } from "./account-section";

type LoginsProps = {
  account: Account;
  offered: readonly Provider[];
  hasLinkFailed: boolean;
  onChange: (account: Account) => void;
};

/** Providers that are linked, and those that could be. */
export function Logins({ account, offered, hasLinkFailed, onChange }: LoginsProps) {
  const t = useTranslations("account");
  const errorText = useErrorText();
  const [error, setError] = useState(hasLinkFailed ? new ApiError("provider_failed") : null);
  const nameOf = (id: string) => offered.find((provider) => provider.id === id)?.name ?? id;

  async function unlink(id: string) {
    setError(null);
    try {
      onChange(await accountApi.unlink(id));
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  }

  return (
    <AccountSection title={t("logins")}>
      {account.providers.length === 0 ? null : (
        <ul className="mb-3 border-t border-line">
          {account.providers.map((id) => (
            <li key={id} className="flex min-h-11 items-center justify-between gap-3 border-b border-line">
              {nameOf(id)}
              <Button size="bar" onClick={() => void unlink(id)}>
                {t("unlink")}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <ProviderButtons isLink providers={offered.filter(({ id }) => !account.providers.includes(id))} />
      <div className="mt-2">
        <FormMessage error={errorText(error)} />
      </div>
    </AccountSection>
  );
}
