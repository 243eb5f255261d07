"use client";

import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ApiError } from "@/app/_data/api-error";

/** Why something was not done, with the server's own sentence: an operator has to know which field it is about. */
export function Failure({ error }: { error: ApiError }) {
  const t = useTranslations("errors");
  return (
    <p role="alert" className="flex items-start gap-2 text-hint text-bad">
      <TriangleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
      <span>
        {t(error.code)}
        {error.said === null ? null : <span className="text-fg-2"> {error.said}</span>}
      </span>
    </p>
  );
}
