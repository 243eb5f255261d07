"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, isValidElement, useContext, useEffect, useState } from "react";
import { type HighlightToken, useIsCodeFenceIncomplete } from "streamdown";
import { useCopy } from "@/app/_hooks/use-copy";
import { DiagramPicture, useDiagram } from "./diagram";
import { HighlighterContext } from "./highlighter-context";

type Highlighted = { code: string; language: string; lines: HighlightToken[][] };

/** A fenced block: its language, Copy as soon as it is closed, and the code with three colours. */
export function CodeBlock({ className, children }: ComponentProps<"code">) {
  const t = useTranslations();
  const { isCopied, said, copy } = useCopy();
  const isWriting = useIsCodeFenceIncomplete();
  const language = /language-([^\s]+)/.exec(className ?? "")?.[1] ?? "";
  const code = textOf(children).replace(/\n+$/, "");
  const highlighted = useHighlighted(code, language, isWriting);
  const diagram = useDiagram(language === "mermaid" && !isWriting ? code : null);
  const [isSourceShown, setIsSourceShown] = useState(false);
  const drawn = diagram.status === "drawn" && !isSourceShown ? diagram.diagram : null;

  return (
    <div className="code-block" data-writing={isWriting || undefined}>
      <div className="code-bar">
        <span>{language === "" ? t("code.plain") : language}</span>
        {isWriting ? null : (
          <span className="code-actions">
            {diagram.status === "drawn" ? (
              <button
                type="button"
                aria-pressed={isSourceShown}
                onClick={() => setIsSourceShown(!isSourceShown)}
              >
                {t("code.source")}
              </button>
            ) : null}
            <button type="button" onClick={() => void copy(code)}>
              {isCopied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
              {said ?? t("common.copy")}
            </button>
          </span>
        )}
      </div>
      {drawn === null ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll inside, and a keyboard has to reach them.
        <pre tabIndex={0} dir="ltr">
          <code>{highlighted === null ? code : <Lines highlighted={highlighted} code={code} />}</code>
        </pre>
      ) : (
        <DiagramPicture diagram={drawn} />
      )}
      {diagram.status === "failed" ? <p className="code-note">{t("code.notDrawn")}</p> : null}
    </div>
  );
}

function Lines({ highlighted, code }: { highlighted: Highlighted; code: string }) {
  return (
    <>
      {highlighted.lines.map((line, lineIndex) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines and tokens have no identity but their place.
        <span key={lineIndex}>
          {lineIndex === 0 ? null : "\n"}
          {line.map((token, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: see above.
            <span key={index} style={colorOf(token)}>
              {token.content}
            </span>
          ))}
        </span>
      ))}
      {/* What has arrived since the colours were worked out. */}
      {code.slice(highlighted.code.length)}
    </>
  );
}

function colorOf(token: HighlightToken): { color: string } | undefined {
  const color = token.htmlStyle?.color ?? token.color;
  return color === undefined || color === "var(--fg)" ? undefined : { color };
}

/** The newest colours that still fit the beginning of the code: while it is written they run a moment behind. */
function useHighlighted(code: string, language: string, isWriting: boolean): Highlighted | null {
  const highlighter = useContext(HighlighterContext);
  const [latest, setLatest] = useState<Highlighted | null>(null);

  useEffect(() => {
    if (highlighter === null || language === "" || code === "") return;
    let isCurrent = true;
    const keep = (lines: HighlightToken[][]) => setLatest({ code, language, lines });
    const result = highlighter.highlight(
      { code, language, themes: highlighter.getThemes(), isIncomplete: isWriting },
      (later) => {
        if (isCurrent) keep(later.tokens);
      },
    );
    if (result !== null) keep(result.tokens);
    return () => {
      isCurrent = false;
    };
  }, [highlighter, code, language, isWriting]);

  return latest !== null && latest.language === language && code.startsWith(latest.code) ? latest : null;
}

function textOf(children: unknown): string {
  if (typeof children === "string") return children;
  if (Array.isArray(children)) return children.map(textOf).join("");
  if (isValidElement<{ children?: unknown }>(children)) return textOf(children.props.children);
  return "";
}
