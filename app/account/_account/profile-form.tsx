"use client";

import { useTranslations } from "next-intl";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { Button } from "@/app/_ui/button";
import { TextField } from "@/app/_ui/text-field";
import { type Account, accountLimits } from "@/lib/protocol";
import { AccountSection } from "./account-section";

type ProfileFormProps = { account: Account; onChange: (account: Account) => void };

export function ProfileForm({ account, onChange }: ProfileFormProps) {
  const t = useTranslations("account");
  const roles = useTranslations("signIn.role");
  const errorText = useErrorText();
  const form = useForm(async ({ name = "" }) => onChange(await accountApi.rename(name)));
  return (
    <AccountSection title={t("profile")}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-hint">
        <dt className="text-fg-3">{t("email")}</dt>
        <dd className="min-w-0 break-all">{account.email}</dd>
        <dt className="text-fg-3">{t("role")}</dt>
        <dd>{roles(account.role)}</dd>
      </dl>
      <form method="post" onSubmit={(event) => void form.submit(event)} className="mt-4 flex flex-col gap-3">
        <TextField
          label={t("name")}
          name="name"
          defaultValue={account.name}
          autoComplete="name"
          required
          maxLength={accountLimits.maxName}
        />
        <FormMessage error={errorText(form.error)} done={form.isDone ? t("saved") : null} />
        <Button type="submit" aria-disabled={form.isSending} className="self-start max-sm:h-11">
          {t("save")}
        </Button>
      </form>
    </AccountSection>
  );
}
