import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AuthPage } from "@/app/_account/auth-page";
import { currentUser, signInOptions } from "@/app/_data/session";
import { Words } from "@/app/_words/words";
import { SignUpForm } from "./sign-up-form";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("signUp") };
}

export default async function Page() {
  const t = await getTranslations("signIn");
  const user = await currentUser();
  const { providers, signUp } = await signInOptions();
  return (
    <AuthPage title={t("signUp")} lead={t("signUpLead")}>
      <Words of={["signIn", "errors"]}>
        <SignUpForm providers={providers} mode={signUp} signedInAs={user?.name ?? null} />
      </Words>
    </AuthPage>
  );
}
