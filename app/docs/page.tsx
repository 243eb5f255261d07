import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { TextLink } from "@/app/_components/text-link";
import { Article } from "./_parts/article";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("guide");
  return { title: t("title"), description: t("lead") };
}

/** Sections and how many paragraphs each has. */
const sections = [
  ["battle", 3],
  ["vote", 3],
  ["compare", 2],
  ["board", 3],
  ["trouble", 3],
] as const;

const link = (href: string) => (chunks: React.ReactNode) => <TextLink href={href}>{chunks}</TextLink>;

/** The guide for visitors, and the way to what researchers read. */
export default function Page() {
  const t = useTranslations("guide");
  return (
    <Article
      title={t("title")}
      lead={t("lead")}
      contents={t("contents")}
      sections={sections.map(([name, count]) => ({
        id: name,
        title: t(`${name}.title`),
        body: Array.from({ length: count }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs never move.
          <p key={index} className="mt-2 text-answer">
            {t.rich(`${name}.p${index + 1}` as "battle.p1", {
              compare: link("/compare"),
              chat: link("/chat"),
              board: link("/leaderboard"),
              method: link("/docs/methodology"),
              privacy: link("/privacy"),
            })}
          </p>
        )),
      }))}
      end={
        <nav
          aria-label={t("more")}
          className="mt-10 flex flex-wrap gap-x-6 gap-y-2 border-t border-line pt-4 text-hint"
        >
          <TextLink href="/docs/methodology">{t("methodology")}</TextLink>
          <TextLink href="/docs/api">{t("api")}</TextLink>
          <TextLink href="/privacy">{t("privacy")}</TextLink>
        </nav>
      }
    />
  );
}
