import { warmUpMarkdown } from "@/app/_components/markdown/answer-text";

/** What only a battle needs; the first page is smaller without it. */
export const importPanes = () => import("./panes");
export const importReveal = () => import("./reveal");

/** Fetches all of it while the first prompt is being typed. What fails here is fetched again where it is needed. */
export function warmUpBattle(): void {
  warmUpMarkdown();
  void Promise.allSettled([importPanes(), importReveal()]);
}
