"use client";

import { cjk } from "@streamdown/cjk";
import { useEffect, useMemo, useState } from "react";
import { type CodeHighlighterPlugin, type MathPlugin, Streamdown } from "streamdown";
import { elements } from "./elements";
import { HighlighterContext } from "./highlighter-context";
import { loadHighlighter, loadMath } from "./load-plugins";
import { hasMath, normalizeMath } from "./normalize-math";

const linkSafety = { enabled: false };

/** Markdown with formulas, code and Chinese punctuation. Only the last block renders again while text arrives. */
export default function RichText({ text, isWriting }: { text: string; isWriting: boolean }) {
  const math = useLoaded<MathPlugin>(hasMath(text), loadMath);
  const highlighter = useLoaded<CodeHighlighterPlugin>(text.includes("```"), loadHighlighter);
  const plugins = useMemo(() => (math === null ? { cjk } : { cjk, math }), [math]);

  return (
    <HighlighterContext value={highlighter}>
      <Streamdown
        components={elements}
        plugins={plugins}
        isAnimating={isWriting}
        linkSafety={linkSafety}
        controls={false}
        lineNumbers={false}
      >
        {normalizeMath(text)}
      </Streamdown>
    </HighlighterContext>
  );
}

/** A part that is fetched once it is needed; null before. Without it the text stays readable as it was written. */
function useLoaded<T>(isNeeded: boolean, load: () => Promise<T>): T | null {
  const [loaded, setLoaded] = useState<{ value: T } | null>(null);
  useEffect(() => {
    if (!isNeeded || loaded !== null) return;
    let isCurrent = true;
    load().then(
      (value) => {
        if (isCurrent) setLoaded({ value });
      },
      // Offline, for instance: the next answer tries again.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [isNeeded, loaded, load]);
  return loaded?.value ?? null;
}
