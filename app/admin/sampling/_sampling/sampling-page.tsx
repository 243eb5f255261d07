"use client";

import { useTranslations } from "next-intl";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { useMoment } from "@/app/admin/_admin/use-moment";
import { type AdminSampling, adminSamplingSchema } from "@/lib/protocol";
import { SamplingForm } from "./sampling-form";

export function SamplingPage() {
  const t = useTranslations("admin.sampling");
  const sampling = useConsoleData("/api/admin/sampling", adminSamplingSchema);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <Loaded from={sampling}>
        {(view) => (
          <div className="flex flex-col gap-8">
            <SamplingForm key={view.id} view={view} onSaved={sampling.reload} />
            <History history={view.history} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function History({ history }: { history: AdminSampling["history"] }) {
  const t = useTranslations("admin.sampling");
  const moment = useMoment();
  return (
    <section aria-labelledby="sampling-history">
      <h2 id="sampling-history" className="mb-2 text-h2">
        {t("history")}
      </h2>
      {history.length === 0 ? (
        <p className="text-fg-2">{t("noHistory")}</p>
      ) : (
        <ol className="flex flex-col gap-3">
          {history.map(({ id, at, policy }) => (
            <li key={id}>
              <p className="text-hint text-fg-3">
                {t("entry", { id })} · {moment(at)}
              </p>
              <pre className="overflow-x-auto font-mono text-small whitespace-pre-wrap text-fg-2">
                {JSON.stringify(policy)}
              </pre>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
