"use client";

import { KeyRound } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { NewPasswordField } from "@/app/_account/new-password-field";
import { type Provider, ProviderButtons } from "@/app/_account/provider-buttons";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { useLink } from "@/app/_account/use-link";
import { Button, buttonClass } from "@/app/_ui/button";
import { Notice } from "@/app/_ui/notice";
import { TextField } from "@/app/_ui/text-field";
import { accountLimits } from "@/lib/protocol";

type SignUpFormProps = {
  providers: readonly Provider[];
  mode: "open" | "invitation" | "closed";
  signedInAs: string | null;
};

export function SignUpForm({ providers, mode, signedInAs }: SignUpFormProps) {
  const t = useTranslations("signIn");
  const errorText = useErrorText();
  const link = useLink();
  const form = useForm(async ({ email = "", name = "", password = "" }) => {
    const invitation = link.token ?? undefined;
    await accountApi.signUp({ email, name, password, invitation });
    window.location.assign("/");
  });
  if (link.state === "asking") return null;
  if (link.state === "refused") {
    return (
      <div className="mt-6">
        <FormMessage error={errorText(link.error)} />
      </div>
    );
  }
  const isInvited = link.state === "found" && link.view.kind !== "password_reset";
  if (!isInvited && mode !== "open") {
    return (
      <div className="mt-6">
        <p>{t(mode === "closed" ? "closed" : "needsInvitation")}</p>
        <Link href="/sign-in" className={`${buttonClass()} mt-4`}>
          {t("signIn")}
        </Link>
      </div>
    );
  }
  const isBusy = form.isSending || form.isDone;
  return (
    <>
      {isInvited ? (
        <div className="mt-6">
          <Notice icon={<KeyRound size={16} aria-hidden="true" />}>
            {t(link.view.kind === "first_admin" ? "firstAdmin" : "invited", {
              role: t(`role.${link.view.role}`),
            })}
          </Notice>
        </div>
      ) : null}
      {signedInAs === null ? null : (
        <p className="mt-4 text-hint text-fg-2">{t("signedInAs", { name: signedInAs })}</p>
      )}
      <form method="post" onSubmit={(event) => void form.submit(event)} className="mt-6 flex flex-col gap-4">
        <TextField
          label={t("name")}
          name="name"
          autoComplete="name"
          required
          maxLength={accountLimits.maxName}
        />
        <TextField
          label={t("email")}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={accountLimits.maxEmail}
          hint={t("emailHint")}
        />
        <NewPasswordField label={t("password")} name="password" />
        <FormMessage error={errorText(form.error)} />
        <Button type="submit" variant="primary" aria-disabled={isBusy} className="max-sm:h-11">
          {t(isBusy ? "signingUp" : "signUp")}
        </Button>
      </form>
      {isInvited || providers.length === 0 ? null : (
        <div className="mt-6 border-t border-line pt-6">
          <ProviderButtons providers={providers} />
        </div>
      )}
      <p className="mt-6 text-hint text-fg-2">
        {t.rich("hasAccount", {
          link: (chunks) => (
            <Link href="/sign-in" className="text-fg underline decoration-line-2 underline-offset-4">
              {chunks}
            </Link>
          ),
        })}
      </p>
      <p className="mt-1.5 text-hint text-fg-3">{t("mergeNote")}</p>
    </>
  );
}
