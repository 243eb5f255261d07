"use client";

import { createContext } from "react";
import type { CodeHighlighterPlugin } from "streamdown";

/** Null until the highlighter has been loaded. A context, so that a block takes colours without being parsed again. */
export const HighlighterContext = createContext<CodeHighlighterPlugin | null>(null);
