import { countTokens } from "./tokens";

/** Raised when the count of any feature changes. */
export const styleRules = 1;

/** How an answer is written: numbers that style control can hold equal. */
export type Style = {
  /** Of the whole answer, counted the same way for every model. */
  tokens: number;
  /** Markdown outside code blocks: headings, bold runs, items of lists. */
  headers: number;
  bold: number;
  lists: number;
};

/**
 * Counts the style features of one answer. The patterns are those of the published boards: headings `#` to `######` at
 * the start of a line, `**bold**` and `__bold__` within a line, items that begin with `-`, `*`, `+` or a number and a
 * dot; code blocks are left out, tokens are of the whole answer. One pass; O(length).
 *
 * Source: FastChat, fastchat/serve/monitor/add_markdown_info.py.
 */
export function countStyle(markdown: string): Style {
  const style: Style = { tokens: countTokens(markdown), headers: 0, bold: 0, lists: 0 };
  for (const line of outsideCode(markdown)) {
    if (/^#{1,6}\s/.test(line)) style.headers++;
    if (/^\s*(?:[-*+]|\d{1,9}\.)\s/.test(line)) style.lists++;
    style.bold += line.match(/\*\*[^*]+\*\*|__[^_]+__/g)?.length ?? 0;
  }
  return style;
}

/** The style of several answers taken together: the turns of one side. */
export function addStyles(styles: readonly Style[]): Style {
  const sum: Style = { tokens: 0, headers: 0, bold: 0, lists: 0 };
  for (const { tokens, headers, bold, lists } of styles) {
    sum.tokens += tokens;
    sum.headers += headers;
    sum.bold += bold;
    sum.lists += lists;
  }
  return sum;
}

/**
 * The lines outside fenced code blocks (CommonMark 0.31, 4.5): a fence of three or more backticks or tildes, closed by at
 * least as many of the same; a block that is never closed goes to the end. Long lines are cut: no pattern looks further.
 */
export function outsideCode(markdown: string): string[] {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    const [run = "", rest = ""] = [mark?.[1], mark?.[2]];
    if (fence === null) {
      // A backtick in what follows makes it inline code, as in ```x```.
      if (run !== "" && !(run.startsWith("`") && rest.includes("`"))) fence = run;
      else kept.push(line.slice(0, 10_000));
    } else if (run.startsWith(fence) && rest.trim() === "") fence = null;
  }
  return kept;
}
