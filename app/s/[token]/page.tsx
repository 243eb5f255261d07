import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { FlagAnswer } from "@/app/_components/flag-answer";
import { PublishedPage } from "@/app/_components/sharing/published-page";
import { publicUrl, sharedPageOf } from "@/app/_data/services";
import { Words } from "@/app/_words/words";

type PageProps = { params: Promise<{ token: string }> };

/** Never kept by anyone: a page that is taken back is gone with the next request. */
export const dynamic = "force-dynamic";

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const { token } = await params;
  const page = await sharedPageOf(token);
  if (page === null) return { robots: { index: false } };
  const t = await getTranslations("published");
  const { content } = page;
  const title = page.title || t(content.kind === "chat" ? "chat" : "blind");
  const description =
    content.kind === "battle"
      ? t("description", { a: content.models.a.displayName, b: content.models.b.displayName })
      : t("descriptionChat");
  const picture = { url: `/s/${token}/picture.png`, width: 1200, height: 630, alt: title };
  return {
    title,
    description,
    metadataBase: await originOf(),
    robots: page.isIndexed ? undefined : { index: false, follow: false },
    openGraph: { type: "article", title, description, url: `/s/${token}`, images: [picture] },
    twitter: { card: "summary_large_image", title, description, images: [picture] },
  };
}

/** Other sites fetch the picture by its whole address: the one by which they have asked for the page. */
async function originOf(): Promise<URL | undefined> {
  const named = publicUrl();
  if (named !== null) return new URL(named);
  const given = await headers();
  const scheme = given.get("x-forwarded-proto")?.split(",")[0] === "https" ? "https" : "http";
  const address = `${scheme}://${given.get("host")}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}

export default async function Page({ params }: PageProps) {
  const { token } = await params;
  const page = await sharedPageOf(token);
  if (page === null) notFound();
  const sides =
    page.content.kind === "battle"
      ? { a: page.content.models.a.displayName, b: page.content.models.b.displayName }
      : undefined;
  const flag = <FlagAnswer subject={{ kind: "share", token, side: "a" }} name={page.title} sides={sides} />;
  return (
    <Words of={["flag", "errors", "code"]}>
      <PublishedPage page={page} flag={flag} />
    </Words>
  );
}
