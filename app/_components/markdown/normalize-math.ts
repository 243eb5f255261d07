/** Code, inline or fenced, is kept as it is. An unclosed fence reaches to the end: the answer is still being written. */
const codePattern = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;

/**
 * Brings the ways in which models write formulas to the one that the renderer knows, `$$…$$`: `\(…\)`, `\[…\]` and `$…$`.
 * A single dollar is a formula only where it cannot be a price: nothing blank inside its ends, no digit after it, and
 * either no blank at all or a sign that prices do not have.
 */
export function normalizeMath(text: string): string {
  if (!text.includes("$") && !text.includes("\\(") && !text.includes("\\[")) return text;
  return text
    .split(codePattern)
    .map((part, index) => (index % 2 === 1 ? part : normalizePart(part)))
    .join("");
}

const fence = "$$";

function normalizePart(text: string): string {
  return text
    .replace(
      /^[ \t]*\$\$([^$\n]+)\$\$[ \t]*$/gm,
      (_, formula: string) => `${fence}\n${formula.trim()}\n${fence}`,
    )
    .replace(/\\\[([\s\S]+?)\\\]/g, (_, formula: string) => `\n${fence}\n${formula.trim()}\n${fence}\n`)
    .replace(/\\\(([^\n]+?)\\\)/g, (_, formula: string) => fence + formula.trim() + fence)
    .replace(/(?<![\\$\w])\$(?![\s$])([^$\n]+?)(?<![\s\\])\$(?![\w$])/g, (whole, formula: string) =>
      isFormula(formula) ? fence + formula + fence : whole,
    );
}

function isFormula(text: string): boolean {
  return /[\\^_={}]/.test(text) || (!/\s/.test(text) && !/^[\d.,]+$/.test(text));
}

/** Whether the formula renderer is worth loading. */
export function hasMath(text: string): boolean {
  return (
    text.includes("$$") || text.includes("\\(") || text.includes("\\[") || /\$[^\s$][^$\n]*\$/.test(text)
  );
}
