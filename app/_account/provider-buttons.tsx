"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { type ApiError, toApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { accountApi } from "./account-api";
import { FormMessage } from "./form-message";
import { useErrorText } from "./use-form";

export type Provider = { id: string; name: string };

/** One button for each place where the site lets people sign in besides here. */
export function ProviderButtons({
  providers,
  isLink = false,
}: {
  providers: readonly Provider[];
  isLink?: boolean;
}) {
  const t = useTranslations("signIn");
  const [error, setError] = useState<ApiError | null>(null);
  const errorText = useErrorText();

  async function go(provider: string) {
    setError(null);
    try {
      window.location.assign(await accountApi.provider(provider, isLink));
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  }

  return (
    <div className="flex flex-col gap-2">
      {providers.map(({ id, name }) => (
        <Button key={id} className="max-sm:h-11" onClick={() => void go(id)}>
          {t(isLink ? "linkProvider" : "withProvider", { name })}
        </Button>
      ))}
      <FormMessage error={errorText(error)} />
    </div>
  );
}
