import { type DraftImage, toDraftImages } from "@/app/_components/images/draft-image";
import type { ImageView } from "@/lib/protocol";

/** What stands in the composer: text, and images that go with it. */
type ComposerText = { draft: string; images: readonly DraftImage[] };
type Sent<Image> = { text: string; images: readonly Image[] };

/** The composer with a prompt that did not go out put back before what was typed since; nothing is put there twice. */
export function putBack(
  { draft, images: others }: ComposerText,
  { text, images }: Sent<ImageView>,
): ComposerText {
  const back = toDraftImages(images).filter(({ key }) => !others.some(({ view }) => view?.id === key));
  return {
    draft: draft === "" || draft === text ? text : `${text}\n\n${draft}`,
    images: [...back, ...others],
  };
}

/** The composer without a prompt that went out after all; what was typed before or since stays. */
export function takeOut({ draft, images }: ComposerText, sent: Sent<Pick<ImageView, "id">>): ComposerText {
  const rest = draft === sent.text ? "" : draft;
  const isFirst = rest.startsWith(`${sent.text}\n\n`);
  return {
    draft: isFirst ? rest.slice(sent.text.length + 2) : rest,
    images: images.filter(({ view }) => !sent.images.some(({ id }) => id === view?.id)),
  };
}
