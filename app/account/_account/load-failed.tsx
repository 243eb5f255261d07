"use client";

import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { useErrorText } from "@/app/_account/use-form";
import type { ApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";

/** A part of the account that could not be fetched. */
export function LoadFailed({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const t = useTranslations("account");
  const errorText = useErrorText();
  return (
    <div role="alert" className="mt-4">
      <InlineError
        icon={<CircleAlert size={16} aria-hidden="true" />}
        title={t("loadFailed")}
        actions={
          <Button variant="primary" onClick={onRetry}>
            {t("again")}
          </Button>
        }
      >
        {errorText(error)}
      </InlineError>
    </div>
  );
}
