"use client";

import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useEffect, useState } from "react";
import type { Diagram as Drawn } from "./draw-diagram";

type DiagramState = { status: "drawing" | "failed" } | { status: "drawn"; diagram: Drawn };

/** What a Mermaid block says, drawn once the block is closed; the library is fetched with the first one. */
export function useDiagram(code: string | null): DiagramState {
  const { resolvedTheme } = useTheme();
  const [state, setState] = useState<DiagramState>({ status: "drawing" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawing takes the page's colours, which change with the theme.
  useEffect(() => {
    if (code === null) return;
    let isCurrent = true;
    const keep = (next: DiagramState) => isCurrent && setState(next);
    import("./draw-diagram")
      .then(({ drawDiagram }) => drawDiagram(code))
      .then(
        (diagram) => keep({ status: "drawn", diagram }),
        // A text that the library does not understand, or the library cannot be fetched: the text itself stays readable.
        () => keep({ status: "failed" }),
      );
    return () => {
      isCurrent = false;
    };
  }, [code, resolvedTheme]);
  return state;
}

/** The drawing; its text, which says the same to whoever cannot see it, is one press away. */
export function DiagramPicture({ diagram }: { diagram: Drawn }) {
  const t = useTranslations("code");
  const { url, width, height } = diagram;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide diagram scrolls inside, and a keyboard has to reach it.
    <div className="diagram" tabIndex={0}>
      {/* biome-ignore lint/performance/noImgElement: made in the page itself. */}
      <img src={url} width={Math.ceil(width)} height={Math.ceil(height)} alt={t("diagram")} />
    </div>
  );
}
