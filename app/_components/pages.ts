/** What the navigation holds: only pages that exist. `label` is a key of the `nav` messages. */
export const pages = [
  { href: "/", label: "battle" },
  { href: "/chat", label: "chat" },
  { href: "/leaderboard", label: "leaderboard" },
  { href: "/docs/api", label: "api" },
] as const;

export type Page = (typeof pages)[number];

/** The page that an address belongs to. */
export function findPage(pathname: string): Page | undefined {
  return pages.find((page) => (page.href === "/" ? pathname === "/" : pathname.startsWith(page.href)));
}
