"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { NewPasswordField } from "@/app/_account/new-password-field";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { useLink } from "@/app/_account/use-link";
import { ApiError } from "@/app/_data/api-error";
import { Button, buttonClass } from "@/app/_ui/button";

export function ResetPasswordForm() {
  const t = useTranslations("signIn");
  const errorText = useErrorText();
  const link = useLink();
  const form = useForm(async ({ password = "" }) => {
    await accountApi.resetPassword({ token: link.token ?? "", password });
  });
  if (link.state === "asking") return null;
  if (form.isDone) {
    return (
      <div className="mt-6">
        <FormMessage error={null} done={t("passwordSet")} />
        <Link href="/sign-in" className={`${buttonClass("primary")} mt-4`}>
          {t("signIn")}
        </Link>
      </div>
    );
  }
  if (link.state !== "found" || link.view.kind !== "password_reset") {
    const error = link.state === "refused" ? link.error : new ApiError("link_invalid");
    return (
      <div className="mt-6">
        <FormMessage error={errorText(error)} />
      </div>
    );
  }
  return (
    <form method="post" onSubmit={(event) => void form.submit(event)} className="mt-6 flex flex-col gap-4">
      <NewPasswordField label={t("newPassword")} name="password" />
      <FormMessage error={errorText(form.error)} />
      <Button type="submit" variant="primary" aria-disabled={form.isSending} className="max-sm:h-11">
        {t(form.isSending ? "saving" : "setPassword")}
      </Button>
    </form>
  );
}
