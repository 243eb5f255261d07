import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { FlagAnswer } from "@/app/_components/flag-answer";
import { PublishedPage } from "@/app/_components/sharing/published-page";
import { publishedBattleOf } from "@/app/_data/services";
import { Words } from "@/app/_words/words";

type PageProps = { params: Promise<{ id: string }> };

/** Asked for each time: the visitor may have withdrawn it. */
export const dynamic = "force-dynamic";

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const page = await publishedBattleOf((await params).id);
  if (page === null) return { robots: { index: false } };
  const t = await getTranslations("published");
  const { models } = page.content;
  return {
    title: page.title,
    description: t("description", { a: models.a.displayName, b: models.b.displayName }),
    robots: page.isIndexed ? undefined : { index: false, follow: false },
  };
}

/** A battle whose visitor has published its text with the vote data. */
export default async function Page({ params }: PageProps) {
  const { id } = await params;
  const page = await publishedBattleOf(id);
  if (page === null) notFound();
  const { a, b } = page.content.models;
  const flag = (
    <FlagAnswer
      subject={{ kind: "published", battleId: id, side: "a" }}
      name={page.title}
      sides={{ a: a.displayName, b: b.displayName }}
    />
  );
  return (
    <Words of={["flag", "errors", "code"]}>
      <PublishedPage page={page} flag={flag} />
    </Words>
  );
}
