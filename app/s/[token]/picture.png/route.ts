import { getTranslations } from "next-intl/server";
import { pictureOf, sharedPageOf } from "@/app/_data/services";

export const dynamic = "force-dynamic";

/** Asked for again each time, so that a picture goes with its page; not listed where the page is not. */
const always = { "cache-control": "private, no-cache", "x-robots-tag": "noindex" };

/** The picture that other sites show beside a link to the page, in the language of what it shows. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ token: string }> },
): Promise<Response> {
  const { token } = await params;
  const page = await sharedPageOf(token);
  if (page === null) return new Response(null, { status: 404, headers: { "cache-control": "no-store" } });
  const { content } = page;
  const text = content.kind === "battle" ? (content.turns[0]?.prompt ?? "") : content.title;
  const t = await getTranslations({ locale: /\p{Script=Han}/u.test(text) ? "zh" : "en" });
  const kind = t(
    content.kind === "chat"
      ? "published.chat"
      : content.board === "blind"
        ? "published.blind"
        : "published.compare",
  );
  const picture = await pictureOf(token, {
    site: t("site.name"),
    fallbackTitle: kind,
    caption: content.kind === "battle" ? `${kind} · ${t(`vote.${content.vote.outcome}`)}` : kind,
    winner: t("published.better"),
  });
  // Taken back while it was drawn.
  if (picture === null) return new Response(null, { status: 404, headers: { "cache-control": "no-store" } });
  if (request.headers.get("if-none-match") === picture.etag) {
    return new Response(null, { status: 304, headers: { ...always, etag: picture.etag } });
  }
  return new Response(picture.png, {
    headers: { ...always, "content-type": "image/png", etag: picture.etag },
  });
}
