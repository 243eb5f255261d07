import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { leaderboardOf, modelCardOf, samplesOf } from "@/app/_data/services";
import { boardNameSchema, boardQuerySchema } from "@/lib/protocol";
import { ModelPage } from "./_model/model-page";

type PageProps = {
  params: Promise<{ name: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** Next hands over the segment as it stands in the address; a name may hold a slash. */
function nameOf(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Half an escape is no name.
    notFound();
  }
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const card = await modelCardOf(nameOf((await params).name), "blind");
  if (card === null) return {};
  const t = await getTranslations("model");
  return { title: card.displayName, description: t("description", { name: card.displayName }) };
}

export default async function Page({ params, searchParams }: PageProps) {
  const board = boardNameSchema.safeParse((await searchParams).board).data ?? "blind";
  const name = nameOf((await params).name);
  const card = await modelCardOf(name, board);
  if (card === null) notFound();
  const whole = await leaderboardOf(
    boardQuerySchema.parse({ board, showRetired: card.stage === "retired" ? "1" : "0" }),
  );
  const samples = await samplesOf(name);
  const row = whole.rows.find((entry) => entry.model === name);
  return (
    <ModelPage
      // Its rank on the board that readers see: the card's is among retired models too.
      card={{ ...card, rating: row === undefined ? card.rating : row.rating }}
      samples={samples}
      ratedCount={whole.rows.filter((entry) => entry.rating !== null).length}
    />
  );
}
