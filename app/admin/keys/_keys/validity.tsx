import { Ban, Check, Clock } from "lucide-react";
import { useTranslations } from "next-intl";
import { useDay } from "@/app/admin/_admin/use-moment";

/** Valid, valid until, expired, revoked: icon and words. */
export function Validity({ revokedAt, expiresAt }: { revokedAt: Date | null; expiresAt: Date | null }) {
  const t = useTranslations("admin.keys.validity");
  const day = useDay();
  const isExpired = expiresAt !== null && expiresAt <= new Date();
  if (revokedAt !== null || isExpired) {
    return (
      <span className="flex items-center gap-1.5 whitespace-nowrap text-fg-3">
        <Ban size={14} aria-hidden="true" />
        {t(revokedAt === null ? "expired" : "revoked")}
      </span>
    );
  }
  const Icon = expiresAt === null ? Check : Clock;
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      <Icon size={14} aria-hidden="true" className={expiresAt === null ? "text-ok" : "text-warn"} />
      {expiresAt === null ? t("valid") : t("until", { day: day(expiresAt) })}
    </span>
  );
}
