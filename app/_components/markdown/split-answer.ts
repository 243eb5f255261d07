/** A part is at least so long, so that an answer of usual length is a handful of parts and not one for each paragraph. */
const leastLength = 1_200;

const fencePattern = /^ {0,3}(`{3,}|~{3,})/;
/** A line that ends whatever stood before it, after a blank line: a heading, or a paragraph that no list can hold. */
const freshPattern = /^(?:#{1,6}\s|\*\*|[\p{L}])/u;
/** Definitions that any part may refer to, and HTML that may hold several: such an answer is parsed as a whole. */
const wholePattern = /^ {0,3}(?:\[[^\]\n]+\]:|<\/?[a-z])/im;

/**
 * Cuts a Markdown text into parts that can be parsed each by itself. Joined they are the text, and a part that is followed by
 * another never changes while text is added at the end: the reader's page parses the last part alone. Pure.
 */
export function splitAnswer(text: string): string[] {
  if (text.length < leastLength || wholePattern.test(text)) return [text];
  const parts: string[] = [];
  let start = 0;
  let fence: string | null = null;
  let isMath = false;
  let isAfterBlank = false;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf("\n", at);
    // The last line may still grow into something else.
    if (newline === -1) break;
    const line = text.slice(at, newline);
    const isOpen = fence !== null || isMath;
    if (!isOpen && isAfterBlank && at - start >= leastLength && freshPattern.test(line)) {
      parts.push(text.slice(start, at));
      start = at;
    }
    const mark = fencePattern.exec(line)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence) === true && line.trim() === mark) fence = null;
    } else if (!isMath && mark !== undefined) fence = mark;
    else if (countOf(line, "$$") % 2 === 1 || line.includes("\\[") !== line.includes("\\]")) isMath = !isMath;
    isAfterBlank = line.trim() === "";
    at = newline + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

function countOf(text: string, piece: string): number {
  let count = 0;
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) count += 1;
  return count;
}
