import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Words } from "@/app/_words/words";
import { RequireRole } from "@/app/admin/_admin/require-role";
import { ModerationPage } from "./_moderation/moderation-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("admin.moderation");
  return { title: t("title") };
}

export default function Page() {
  return (
    <RequireRole least="moderator" path="/admin/moderation">
      <Words of={["flag", "category"]}>
        <ModerationPage />
      </Words>
    </RequireRole>
  );
}
