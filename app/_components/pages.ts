/** What the navigation holds: only pages that exist. `label` is a key of the `nav` messages. */
export const pages = [
  { href: "/", label: "battle" },
  { href: "/compare", label: "compare" },
  { href: "/chat", label: "chat" },
  { href: "/leaderboard", label: "leaderboard" },
  { href: "/data", label: "data" },
  { href: "/docs/api", label: "api" },
] as const;

/** Stands apart from the others: it is the visitor's own. */
export const historyPage = { href: "/history", label: "history" } as const;

/** Reached by the name at the right end, not by the navigation. */
const accountPages = [
  { href: "/account", label: "account" },
  { href: "/sign-in", label: "signIn" },
  { href: "/sign-up", label: "signIn" },
] as const;

export type Page = (typeof pages)[number] | typeof historyPage | (typeof accountPages)[number];

/** The page that an address belongs to; a model's page is part of the leaderboard. */
export function findPage(pathname: string): Page | undefined {
  if (pathname.startsWith("/models/")) return pages.find((page) => page.label === "leaderboard");
  return [...pages, historyPage, ...accountPages].find((page) =>
    page.href === "/" ? pathname === "/" : pathname.startsWith(page.href),
  );
}
