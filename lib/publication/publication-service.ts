import type { PublicationDeps } from "./deps";
import type { PictureWords } from "./picture/draw-picture";
import { keepPictures, type Picture } from "./picture/keep-pictures";
import { listSamples, readPublishedBattle, readSharedPage } from "./read-page";

/** What pages read of publication. */
export function publicationService(deps: PublicationDeps) {
  const pictureOf = keepPictures();
  return {
    sharedPage: (token: string) => readSharedPage(deps, token),
    publishedBattle: (battleId: string) => readPublishedBattle(deps, battleId),
    samples: (model: string) => listSamples(deps, model),
    /** The page is read each time, so that a picture goes with it. Errors: `share_not_found`. */
    picture: async (token: string, words: PictureWords): Promise<Picture> =>
      pictureOf((await readSharedPage(deps, token)).content, words),
  };
}
