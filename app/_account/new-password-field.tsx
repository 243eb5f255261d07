"use client";

import { useTranslations } from "next-intl";
import { TextField } from "@/app/_ui/text-field";
import { accountLimits } from "@/lib/protocol";

type NewPasswordFieldProps = { label: string; name: string };

/** Where a password is chosen: its limits, and what a password manager should do. */
export function NewPasswordField({ label, name }: NewPasswordFieldProps) {
  const t = useTranslations("signIn");
  return (
    <TextField
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      required
      minLength={accountLimits.minPassword}
      maxLength={accountLimits.maxPassword}
      hint={t("passwordHint", { min: accountLimits.minPassword })}
    />
  );
}
