import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RequireRole } from "@/app/admin/_admin/require-role";
import { VotesPage } from "./_votes/votes-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.votes");
  return { title: t("title") };
}

export default function Page() {
  return (
    <RequireRole least="admin" path="/admin/votes">
      <VotesPage />
    </RequireRole>
  );
}
