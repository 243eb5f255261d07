import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AuthPage } from "@/app/_account/auth-page";
import { Words } from "@/app/_words/words";
import { ResetPasswordForm } from "./reset-password-form";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("newPassword") };
}

export default async function Page() {
  const t = await getTranslations("signIn");
  return (
    <AuthPage title={t("newPassword")} lead={t("newPasswordLead")}>
      <Words of={["signIn", "errors"]}>
        <ResetPasswordForm />
      </Words>
    </AuthPage>
  );
}
