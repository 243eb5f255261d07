"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { accountApi } from "@/app/_account/account-api";
import { FormMessage } from "@/app/_account/form-message";
import { useErrorText, useForm } from "@/app/_account/use-form";
import { Button } from "@/app/_ui/button";
import { TextField } from "@/app/_ui/text-field";
import type { Account } from "@/lib/protocol";
import { AccountSection } from "./account-section";

/** What goes, what stays, and the password before it goes. */
export function DeleteAccount({ account }: { account: Account }) {
  const t = useTranslations("account");
  const errorText = useErrorText();
  const [isAsking, setIsAsking] = useState(false);
  const form = useForm(async ({ confirmation = "" }) => {
    await accountApi.deleteAccount(confirmation);
    window.location.assign("/");
  });
  const wrong = form.error?.code === "invalid_credentials" ? t("wrongConfirmation") : errorText(form.error);
  return (
    <AccountSection title={t("delete")} note={t("deleteNote")}>
      {isAsking ? (
        <form method="post" onSubmit={(event) => void form.submit(event)} className="flex flex-col gap-3">
          <TextField
            autoFocus
            label={t(account.hasPassword ? "confirmByPassword" : "confirmByEmail")}
            name="confirmation"
            type={account.hasPassword ? "password" : "email"}
            autoComplete={account.hasPassword ? "current-password" : "off"}
            required
          />
          <FormMessage error={wrong} />
          <div className="flex flex-wrap gap-2">
            <Button className="max-sm:h-11" onClick={() => setIsAsking(false)}>
              {t("keep")}
            </Button>
            <Button
              type="submit"
              variant="destructive"
              className="max-sm:h-11"
              aria-disabled={form.isSending || form.isDone}
            >
              {t("deleteNow")}
            </Button>
          </div>
        </form>
      ) : (
        <Button variant="destructive" className="max-sm:h-11" onClick={() => setIsAsking(true)}>
          {t("delete")}
        </Button>
      )}
    </AccountSection>
  );
}
