import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { AddedWords } from "./added-words";
import { pickWords, type WordGroup } from "./pick-words";

type WordsProps = { of: readonly WordGroup[]; children: ReactNode };

/**
 * Sends the browser the words that the client components below need, on top of those that the layouts above have sent.
 * All of the site's words are some 90 KB; a page uses a tenth of them. `words.test.ts` holds `of` against what the
 * components of each route ask for, so a missing group and a needless one both fail there.
 */
export async function Words({ of, children }: WordsProps) {
  return <AddedWords messages={pickWords(await getMessages(), of)}>{children}</AddedWords>;
}
