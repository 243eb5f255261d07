import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { currentUser } from "@/app/_data/session";
import { Words } from "@/app/_words/words";
import { UsagePage } from "../_usage/usage-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account.nav");
  return { title: t("usage") };
}

export default async function Page() {
  if ((await currentUser()) === null) redirect("/sign-in?next=/account/usage");
  return (
    <Words of={["plots"]}>
      <UsagePage />
    </Words>
  );
}
