"use client";

import { useTranslations } from "next-intl";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { adminSettingsSchema } from "@/lib/protocol";
import { SectionForm } from "./section-form";

export function SitePage() {
  const t = useTranslations("admin.site");
  const settings = useConsoleData("/api/admin/settings", adminSettingsSchema);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <Loaded from={settings}>
        {({ sections }) => (
          <div className="flex max-w-[760px] flex-col gap-8">
            {sections.map((section) => (
              <SectionForm
                key={`${section.name} ${JSON.stringify(section.value)}`}
                section={section}
                onSaved={settings.reload}
              />
            ))}
          </div>
        )}
      </Loaded>
    </>
  );
}
