import Link from "next/link";
import { useTranslations } from "next-intl";
import { buttonClass } from "@/app/_ui/button";

/** Signed in, but not as somebody who may see this page. */
export function Forbidden() {
  const t = useTranslations("admin");
  return (
    <div className="max-w-[60ch] py-10">
      <h1 className="text-h1">{t("forbidden.title")}</h1>
      <p className="mt-2 text-answer text-fg-2">{t("forbidden.body")}</p>
      <Link href="/" className={`${buttonClass()} mt-6`}>
        {t("forbidden.home")}
      </Link>
    </div>
  );
}
