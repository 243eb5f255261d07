"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { type Provider, ProviderButtons } from "@/app/_account/provider-buttons";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { ApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { TextField } from "@/app/_ui/text-field";
import { isErrorCode } from "@/lib/errors";

type SignInFormProps = {
  next: string;
  /** Code of what went wrong on the way back from a provider. */
  problem: string | null;
  providers: readonly Provider[];
  isSignUpOpen: boolean;
};

export function SignInForm({ next, problem, providers, isSignUpOpen }: SignInFormProps) {
  const t = useTranslations("signIn");
  const errorText = useErrorText();
  const form = useForm(async ({ email = "", password = "", stay }) => {
    await accountApi.signIn({ email, password, isRemembered: stay === "on" });
    // The whole page anew: everything that it shows may be somebody else's now.
    window.location.assign(next);
  });
  const before = problem === null ? null : new ApiError(isErrorCode(problem) ? problem : "provider_failed");
  const isBusy = form.isSending || form.isDone;
  return (
    <>
      <form method="post" onSubmit={(event) => void form.submit(event)} className="mt-6 flex flex-col gap-4">
        <TextField
          label={t("email")}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={254}
        />
        <TextField
          label={t("password")}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={128}
        />
        <label className="flex items-center gap-2 text-hint text-fg-2">
          <input type="checkbox" name="stay" defaultChecked className="size-4 accent-fg" />
          {t("stay")}
        </label>
        <FormMessage error={errorText(form.error ?? (isBusy ? null : before))} />
        <Button type="submit" variant="primary" aria-disabled={isBusy} className="max-sm:h-11">
          {t(isBusy ? "signingIn" : "signIn")}
        </Button>
      </form>
      {providers.length === 0 ? null : (
        <div className="mt-6 border-t border-line pt-6">
          <ProviderButtons providers={providers} />
        </div>
      )}
      <p className="mt-6 text-hint text-fg-2">
        {isSignUpOpen
          ? t.rich("noAccount", {
              link: (chunks) => (
                <Link href="/sign-up" className="text-fg underline decoration-line-2 underline-offset-4">
                  {chunks}
                </Link>
              ),
            })
          : t("byInvitation")}
      </p>
      <p className="mt-1.5 text-hint text-fg-3">{t("forgotten")}</p>
    </>
  );
}
