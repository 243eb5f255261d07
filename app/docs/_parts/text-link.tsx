import Link from "next/link";

export function TextLink({ href, children }: { href: string; children: React.ReactNode }) {
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
