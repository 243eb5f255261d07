import { createHmac, timingSafeEqual } from "node:crypto";
import { AppError } from "@/lib/errors";
import type { BoardKey } from "./board-fits";

/** Pair counts of a category at one of its revisions, or a board's votes at a revision of its `overall`. */
export type EditionOf = { what: "pairs" | "votes"; key: BoardKey; revision: number };

export type Editions = {
  name(edition: EditionOf): string;
  /** The revision. Errors: `not_found` for a name that this site never gave, or gave for something else. */
  revisionOf(name: string, of: Omit<EditionOf, "revision">): number;
};

const macDigits = 16;
const pattern = /^(\d{1,15})-([\w-]{16})$/;

/**
 * Names by which what was published can be asked for again. Only a name that was once given out works: whoever could ask for
 * any revision would find each vote, its moment and its voter's pseudonym by comparing each revision with the one before.
 *
 * @param secret the same in all servers of a site, and for as long as its links are to work
 */
export function createEditions(secret: string): Editions {
  const macOf = ({ what, key, revision }: EditionOf): Buffer =>
    Buffer.from(
      createHmac("sha256", secret)
        .update(`edition: ${what} ${key.board} ${key.category} ${revision}`)
        .digest("base64url")
        .slice(0, macDigits),
    );
  return {
    name: (edition) => `${edition.revision}-${macOf(edition)}`,
    revisionOf(name, of) {
      const [, revision = "", mac = ""] = pattern.exec(name) ?? [];
      const given = Buffer.from(mac);
      const expected = macOf({ ...of, revision: Number(revision) });
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new AppError("not_found", {
          param: "edition",
          message: "This site has not published such an edition.",
        });
      return Number(revision);
    },
  };
}
