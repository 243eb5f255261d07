/** What the navigation holds: only pages that exist. `label` is a key of the `nav` messages. */
export const pages = [
  { href: "/", label: "battle" },
  { href: "/chat", label: "chat" },
  { href: "/leaderboard", label: "leaderboard" },
  { href: "/docs/api", label: "api" },
] as const;

export type Page = (typeof pages)[number];

/** The page that an address belongs to; a model's page is part of the leaderboard. */
export function findPage(pathname: string): Page | undefined {
  if (pathname.startsWith("/models/")) return pages.find((page) => page.label === "leaderboard");
  return pages.find((page) => (page.href === "/" ? pathname === "/" : pathname.startsWith(page.href)));
}
