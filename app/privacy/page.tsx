import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { TextLink } from "@/app/_components/text-link";
import { consentVersions } from "@/lib/protocol";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("privacy");
  return { title: t("title"), description: t("lead") };
}

/** Sections and how many paragraphs each has; their ids are addresses that other pages link to. */
const sections = [
  ["stored", 4],
  ["cookies", 3],
  ["network", 2],
  ["publication", 5],
  ["sharing", 3],
  ["deletion", 4],
  ["rights", 2],
] as const;

/** What the line at the composer stands for. */
export default function Page() {
  const t = useTranslations("privacy");
  return (
    <div className="mx-auto flex w-full max-w-[1440px] flex-1 gap-10 px-4 pt-4 pb-12 sm:px-6 sm:pt-6">
      <nav aria-label={t("contents")} className="sticky top-18 hidden w-48 shrink-0 self-start md:block">
        <ul className="text-hint">
          {sections.map(([name]) => (
            <li key={name}>
              <a href={`#${name}`} className="block rounded-control py-1.5 text-fg-2 hover:text-fg">
                {t(`${name}.title`)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" className="min-w-0 max-w-[68ch] flex-1">
        <h1 className="text-h1">{t("title")}</h1>
        <p className="mt-1 text-answer text-fg-2">{t("lead")}</p>
        {sections.map(([name, count]) => (
          <section key={name} id={name} aria-labelledby={`${name}-title`} className="mt-8 scroll-mt-18">
            <h2 id={`${name}-title`} className="text-h2">
              {t(`${name}.title`)}
            </h2>
            {Array.from({ length: count }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs never move.
              <p key={index} className="mt-2 text-answer">
                {t.rich(`${name}.p${index + 1}` as "stored.p1", {
                  history: (chunks) => <TextLink href="/history">{chunks}</TextLink>,
                  data: (chunks) => <TextLink href="/data">{chunks}</TextLink>,
                  chat: (chunks) => <TextLink href="/chat">{chunks}</TextLink>,
                })}
              </p>
            ))}
          </section>
        ))}
        <p className="mt-10 border-t border-line pt-4 text-hint text-fg-3">{t("version", consentVersions)}</p>
      </main>
    </div>
  );
}
