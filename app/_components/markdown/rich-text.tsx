"use client";

import { cjk } from "@streamdown/cjk";
import { memo, useEffect, useMemo, useState } from "react";
import { type CodeHighlighterPlugin, type MathPlugin, type PluginConfig, Streamdown } from "streamdown";
import { elements } from "./elements";
import { HighlighterContext } from "./highlighter-context";
import { loadHighlighter, loadMath } from "./load-plugins";
import { hasMath, normalizeMath } from "./normalize-math";
import { splitAnswer } from "./split-answer";

const linkSafety = { enabled: false };

/** Markdown with formulas, code and Chinese punctuation. While text arrives only the last part of it is parsed again. */
export default function RichText({ text, isWriting }: { text: string; isWriting: boolean }) {
  const math = useLoaded<MathPlugin>(hasMath(text), loadMath);
  const highlighter = useLoaded<CodeHighlighterPlugin>(text.includes("```"), loadHighlighter);
  const parts = splitAnswer(text);
  const plugins = useMemo(() => (math === null ? { cjk } : { cjk, math }), [math]);

  return (
    <HighlighterContext value={highlighter}>
      {parts.map((part, index) => (
        <Part
          // biome-ignore lint/suspicious/noArrayIndexKey: the place of a part is its identity; it only grows.
          key={index}
          text={part}
          isWriting={isWriting && index === parts.length - 1}
          plugins={plugins}
        />
      ))}
    </HighlighterContext>
  );
}

type PartProps = { text: string; isWriting: boolean; plugins: PluginConfig };

const Part = memo(function Part({ text, isWriting, plugins }: PartProps) {
  return (
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
  );
});

/** A part that is fetched once it is needed; null before. Without it the text stays readable as it was written. */
function useLoaded<T>(isNeeded: boolean, load: () => Promise<T>): T | null {
  const [loaded, setLoaded] = useState<{ value: T } | null>(null);
  useEffect(() => {
    if (!isNeeded || loaded !== null) return;
    let isCurrent = true;
    void load().then((value) => {
      if (isCurrent) setLoaded({ value });
    });
    return () => {
      isCurrent = false;
    };
  }, [isNeeded, loaded, load]);
  return loaded?.value ?? null;
}
