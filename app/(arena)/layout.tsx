import type { ReactNode } from "react";
import { Words } from "@/app/_words/words";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <Words
      of={[
        "arena",
        "vote",
        "compare",
        "images",
        "consent",
        "composer",
        "errors",
        "code",
        "flag",
        "failure",
        "reveal",
        "share",
        "reasons",
        "notice",
        "refusal",
      ]}
    >
      {children}
    </Words>
  );
}
