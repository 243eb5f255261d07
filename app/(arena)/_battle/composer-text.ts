import { type DraftImage, toDraftImages } from "@/app/_components/images/draft-image";
import type { Prompt } from "./arena-state";

/** What stands in the composer: text, and images that go with it. */
type ComposerText = { draft: string; images: readonly DraftImage[] };

/** The composer with a prompt that did not go out put back before what was typed since; nothing is put there twice. */
export function putBack({ draft, images: others }: ComposerText, { text, images }: Prompt): ComposerText {
  const back = toDraftImages(images).filter(({ key }) => !others.some(({ view }) => view?.id === key));
  return {
    draft: draft === "" || draft === text ? text : `${text}\n\n${draft}`,
    images: [...back, ...others],
  };
}

/** The composer without a prompt that went out after all; what was typed before or since stays. */
export function takeOut({ draft, images }: ComposerText, prompt: Prompt): ComposerText {
  const rest = draft === prompt.text ? "" : draft;
  const isFirst = rest.startsWith(`${prompt.text}\n\n`);
  return {
    draft: isFirst ? rest.slice(prompt.text.length + 2) : rest,
    images: images.filter(({ view }) => !prompt.images.some(({ id }) => id === view?.id)),
  };
}
