import katex from "katex";

/** A formula on a line of its own, as MathML: every browser sets it with its own fonts, and a screen reader reads it. */
export function Formula({ tex }: { tex: string }) {
  const html = katex.renderToString(tex, { displayMode: true, output: "mathml", throwOnError: true });
  return (
    <div
      className="mt-3 overflow-x-auto py-1 text-answer"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: made by KaTeX from the constants of this page.
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}
