import type { Metadata } from "next";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { Words } from "@/app/_words/words";
import { ConsoleNav } from "./_admin/console-nav";

export const metadata: Metadata = { robots: { index: false } };

export default function AdminLayout({ children }: { children: ReactNode }) {
  return (
    <Words of={["admin", "errors"]}>
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        <ConsoleNav />
        <main id="main" className="min-w-0 flex-1 px-4 pt-5 pb-10 sm:px-6">
          <NuqsAdapter>{children}</NuqsAdapter>
        </main>
      </div>
    </Words>
  );
}
