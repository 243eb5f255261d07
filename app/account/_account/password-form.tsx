"use client";

import { useTranslations } from "next-intl";
import { useRef } from "react";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { NewPasswordField } from "@/app/_account/new-password-field";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { Button } from "@/app/_ui/button";
import { TextField } from "@/app/_ui/text-field";
import { type Account, accountLimits } from "@/lib/protocol";
import { AccountSection } from "./account-section";

type PasswordFormProps = { account: Account; onChange: () => void };

export function PasswordForm({ account, onChange }: PasswordFormProps) {
  const t = useTranslations("account");
  const errorText = useErrorText();
  const element = useRef<HTMLFormElement>(null);
  const form = useForm(async ({ currentPassword, newPassword = "" }) => {
    await accountApi.changePassword({ currentPassword, newPassword });
    element.current?.reset();
    if (!account.hasPassword) onChange();
  });
  const wrong = form.error?.code === "invalid_credentials" ? t("wrongPassword") : errorText(form.error);
  return (
    <AccountSection title={t("password")} note={t(account.hasPassword ? "passwordNote" : "noPasswordNote")}>
      <form
        ref={element}
        method="post"
        onSubmit={(event) => void form.submit(event)}
        className="flex flex-col gap-3"
      >
        {/* For password managers: whose password it is. */}
        <input
          type="text"
          name="username"
          autoComplete="username"
          defaultValue={account.email}
          hidden
          readOnly
        />
        {account.hasPassword ? (
          <TextField
            label={t("currentPassword")}
            name="currentPassword"
            type="password"
            autoComplete="current-password"
            required
            maxLength={accountLimits.maxPassword}
          />
        ) : null}
        <NewPasswordField label={t("newPassword")} name="newPassword" />
        <FormMessage error={wrong} done={form.isDone ? t("passwordChanged") : null} />
        <Button type="submit" aria-disabled={form.isSending} className="self-start max-sm:h-11">
          {t("changePassword")}
        </Button>
      </form>
    </AccountSection>
  );
}
