import {
  Database,
  Flag,
  KeyRound,
  ListTree,
  type LucideIcon,
  Scale,
  ScrollText,
  Server,
  Settings,
  Timer,
  Users,
  Vote,
} from "lucide-react";

/** The console's pages in the order of its sidebar. `label` is a key of `admin.nav`. */
export const consolePages = [
  { href: "/admin/workers", label: "workers", icon: Server },
  { href: "/admin/queues", label: "queues", icon: Timer },
  { href: "/admin/models", label: "models", icon: ListTree },
  { href: "/admin/votes", label: "votes", icon: Vote },
  { href: "/admin/sampling", label: "sampling", icon: Scale },
  { href: "/admin/moderation", label: "moderation", icon: Flag },
  { href: "/admin/keys", label: "keys", icon: KeyRound },
  { href: "/admin/people", label: "people", icon: Users },
  { href: "/admin/data", label: "data", icon: Database },
  { href: "/admin/site", label: "site", icon: Settings },
  { href: "/admin/audit", label: "audit", icon: ScrollText },
] as const satisfies readonly { href: string; label: string; icon: LucideIcon }[];
