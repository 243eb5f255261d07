import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { currentUser, signInOptions } from "@/app/_data/session";
import { AccountPage } from "./_account/account-page";

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account");
  return { title: t("title") };
}

export default async function Page({ searchParams }: PageProps) {
  if ((await currentUser()) === null) redirect("/sign-in?next=/account");
  const { problem, error } = await searchParams;
  const { providers } = await signInOptions();
  return <AccountPage offered={providers} hasLinkFailed={problem !== undefined || error !== undefined} />;
}
