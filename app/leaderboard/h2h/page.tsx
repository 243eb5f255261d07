import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { headToHeadOf, leaderboardOf } from "@/app/_data/services";
import { Words } from "@/app/_words/words";
import { boardNameSchema, boardQuerySchema, headToHeadQuerySchema } from "@/lib/protocol";
import { HeadToHeadPage } from "./_h2h/head-to-head-page";

type PageProps = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("h2h");
  return { title: t("title") };
}

export default async function Page({ searchParams }: PageProps) {
  const asked = await searchParams;
  const board = boardNameSchema.safeParse(asked.board).data ?? "blind";
  const a = nameOf(asked.a);
  const b = nameOf(asked.b);
  const whole = await leaderboardOf(boardQuerySchema.parse({ board, showRetired: "1" }));
  const models = whole.rows.map(({ model, displayName }) => ({ value: model, label: displayName }));
  const query = headToHeadQuerySchema.safeParse({ board, a, b });
  const found = query.success && a !== b ? await headToHeadOf(query.data) : null;
  return (
    <Words of={["h2h"]}>
      <HeadToHeadPage board={board} a={a} b={b} models={models} found={found} />
    </Words>
  );
}

/** "" where the address does not name a model, or names several. */
function nameOf(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
