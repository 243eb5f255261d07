"use client";

import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/app/_ui/button";
import { InlineError } from "@/app/_ui/inline-error";
import { Notice } from "@/app/_ui/notice";
import { Skeleton } from "@/app/_ui/skeleton";
import type { ConsoleData } from "./use-console";

type LoadedProps<T> = { from: ConsoleData<T>; children: (data: T) => ReactNode };

/** What was read, or why it could not be; while a reading fails the last one stays, and the page says so. */
export function Loaded<T>({ from, children }: LoadedProps<T>) {
  const t = useTranslations();
  const { data, error, reload } = from;
  if (data === null && error === null) return <Skeleton label={t("admin.loading")} />;
  if (data === null && error !== null) {
    return (
      <InlineError
        icon={<CircleAlert size={16} aria-hidden="true" />}
        title={t("admin.unreadable")}
        actions={
          <Button variant="primary" onClick={reload}>
            {t("page.tryAgain")}
          </Button>
        }
      >
        {t(`errors.${error.code}`)}
      </InlineError>
    );
  }
  return (
    <>
      {error === null ? null : (
        <div className="mb-4">
          <Notice icon={<CircleAlert size={16} aria-hidden="true" />}>
            {t("admin.stale", { reason: t(`errors.${error.code}`) })}
          </Notice>
        </div>
      )}
      {data === null ? null : children(data)}
    </>
  );
}
