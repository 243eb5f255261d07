"use client";

import { useTranslations } from "next-intl";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { Button } from "@/app/_ui/button";
import { AccountSection } from "./account-section";

export function SignOut() {
  const t = useTranslations("account");
  const errorText = useErrorText();
  const form = useForm(async () => {
    await accountApi.signOut();
    window.location.assign("/");
  });
  return (
    <AccountSection title={t("signOut")} note={t("signOutNote")}>
      <form
        method="post"
        onSubmit={(event) => void form.submit(event)}
        className="flex flex-col items-start gap-3"
      >
        <FormMessage error={errorText(form.error)} />
        <Button type="submit" aria-disabled={form.isSending || form.isDone} className="max-sm:h-11">
          {t("signOut")}
        </Button>
      </form>
    </AccountSection>
  );
}
