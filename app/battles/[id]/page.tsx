import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
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
  const page = await publishedBattleOf((await params).id);
  if (page === null) notFound();
  return (
    <Words of={["code"]}>
      <PublishedPage page={page} />
    </Words>
  );
}
