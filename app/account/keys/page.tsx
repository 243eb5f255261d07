import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { currentUser } from "@/app/_data/session";
import { KeysPage } from "../_keys/keys-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.nav");
  return { title: t("keys") };
}

export default async function Page() {
  if ((await currentUser()) === null) redirect("/sign-in?next=/account/keys");
  return <KeysPage />;
}
