import Link from "next/link";
import type { ReactNode } from "react";

/** A link in running text to a page of ours. */
export function TextLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      prefetch={false}
      className="underline decoration-line-2 underline-offset-3 hover:decoration-fg"
    >
      {children}
    </Link>
  );
}
