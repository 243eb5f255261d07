import type { CodeHighlighterPlugin, MathPlugin } from "streamdown";
import { importAgain } from "@/app/_data/import-again";
import { codeTheme } from "./code-theme";

let highlighter: Promise<CodeHighlighterPlugin> | null = null;
let math: Promise<MathPlugin> | null = null;

/** The highlighter, fetched with the first code block; each language is fetched with its first use. Never rejects. */
export function loadHighlighter(): Promise<CodeHighlighterPlugin> {
  highlighter ??= importAgain(() => import("@streamdown/code")).then(({ createCodePlugin }) =>
    createCodePlugin({ themes: [codeTheme, codeTheme] }),
  );
  return highlighter;
}

/** KaTeX and its style sheet, fetched with the first formula. Never rejects. */
export function loadMath(): Promise<MathPlugin> {
  math ??= importAgain(() => import("./math-plugin")).then((module) => module.mathPlugin);
  return math;
}
