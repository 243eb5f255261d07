import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { AuthPage } from "@/app/_account/auth-page";
import { nextPage } from "@/app/_account/next-page";
import { currentUser, signInOptions } from "@/app/_data/session";
import { Words } from "@/app/_words/words";
import { SignInForm } from "./sign-in-form";

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("signIn") };
}

export default async function Page({ searchParams }: PageProps) {
  const { next, problem, error } = await searchParams;
  const target = nextPage(next);
  if ((await currentUser()) !== null) redirect(target);
  const t = await getTranslations("signIn");
  const { providers, signUp } = await signInOptions();
  // `error` is how a provider's refusal comes back; one of ours says more than that the provider failed.
  const code = [error, problem].find((value) => typeof value === "string") ?? null;
  return (
    <AuthPage title={t("signIn")} lead={t("lead")}>
      <Words of={["signIn", "errors"]}>
        <SignInForm
          next={target}
          problem={typeof code === "string" ? code : null}
          providers={providers}
          isSignUpOpen={signUp === "open"}
        />
      </Words>
    </AuthPage>
  );
}
