"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/button";
import { PageMessage } from "./_components/page-message";

type ErrorPageProps = { error: Error & { digest?: string }; reset: () => void };

export default function ErrorPage({ error, reset }: ErrorPageProps) {
  const t = useTranslations("page");
  return (
    <PageMessage
      title={t("errorTitle")}
      body={t("errorBody")}
      note={error.digest === undefined ? undefined : t("errorDigest", { digest: error.digest })}
    >
      <Button variant="primary" onClick={reset}>
        {t("tryAgain")}
      </Button>
    </PageMessage>
  );
}
