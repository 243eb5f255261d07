import {
  createParser,
  createSerializer,
  type inferParserType,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import {
  type BoardQuery,
  boardNames,
  boardQuerySchema,
  type Category,
  categorySchema,
  tieModelNames,
} from "@/lib/protocol";
import { boardOrder, type Sorting, type SortKey, sortKeys } from "./sort-rows";

/** 1 or absent; anything else counts as absent. */
export const parseAsFlag = createParser<boolean>({
  parse: (value) => (value === "1" ? true : value === "0" ? false : null),
  serialize: (value) => (value ? "1" : "0"),
});

const parseAsCategory = createParser<Category>({
  parse: (value) => categorySchema.safeParse(value).data ?? null,
  serialize: (value) => value,
});

/** `votes`: smallest first; `-votes`: largest first. */
const parseAsSorting = createParser<Sorting>({
  parse: (value) => {
    const isDescending = value.startsWith("-");
    const key = isDescending ? value.slice(1) : value;
    return isSortKey(key) ? { key, isDescending } : null;
  },
  serialize: ({ key, isDescending }) => `${isDescending ? "-" : ""}${key}`,
  eq: (left, right) => left.key === right.key && left.isDescending === right.isDescending,
});

/** Everything that decides what a reader of the board sees: the whole of it stands in the address. */
export const boardParsers = {
  board: parseAsStringLiteral(boardNames).withDefault("blind"),
  category: parseAsCategory.withDefault("overall"),
  style: parseAsFlag.withDefault(false),
  ties: parseAsStringLiteral(tieModelNames).withDefault("half"),
  minVotes: parseAsInteger.withDefault(0),
  showRetired: parseAsFlag.withDefault(false),
  q: parseAsString.withDefault(""),
  licence: parseAsString.withDefault(""),
  sort: parseAsSorting.withDefault(boardOrder),
};

export type BoardParams = inferParserType<typeof boardParsers>;

/**
 * What the server is asked for. An address may hold a combination that the contract refuses, written by hand or by an
 * older page: style control then wins over the tie model, and what is out of range falls back to its default.
 */
export function toBoardQuery(params: BoardParams): BoardQuery {
  const query = {
    board: params.board,
    category: params.category,
    style: params.style ? "1" : "0",
    ties: params.style ? "half" : params.ties,
    showRetired: params.showRetired ? "1" : "0",
  };
  const asked = boardQuerySchema.safeParse({ ...query, minVotes: params.minVotes });
  return asked.data ?? boardQuerySchema.parse(query);
}

const serialize = createSerializer({
  board: boardParsers.board,
  category: boardParsers.category,
  style: boardParsers.style,
  ties: boardParsers.ties,
  minVotes: boardParsers.minVotes,
  showRetired: boardParsers.showRetired,
});

/** The same as a query string of the API, defaults left out: "" or "?category=code&style=1". */
export function toBoardSearch({ board, category, style, ties, minVotes, showRetired }: BoardQuery): string {
  return serialize({ board, category, style, ties, minVotes, showRetired });
}

/** The part of it that names the votes: pairs, history and events go by that alone. */
export function toKeySearch({ board, category }: Pick<BoardQuery, "board" | "category">): string {
  return serialize({ board, category });
}

function isSortKey(value: string): value is SortKey {
  return (sortKeys as readonly string[]).includes(value);
}
