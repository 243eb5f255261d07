import Link from "next/link";
import { RowName } from "@/app/admin/_admin/console-table";

/** The beginning of what was published, with the way to the page that anybody can read. */
export function PublishedName({ href, title }: { href: string; title: string }) {
  return (
    <RowName className="max-w-[420px]">
      <Link href={href} className="line-clamp-2 underline-offset-4 hover:underline">
        {title}
      </Link>
    </RowName>
  );
}
