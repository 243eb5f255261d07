import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Words } from "@/app/_words/words";
import { AccountNav } from "./_account/account-nav";

/** The frame of the account's pages. Each page asks by itself who is signed in. */
export default async function Layout({ children }: { children: ReactNode }) {
  const t = await getTranslations("account");
  return (
    <main id="main" className="mx-auto w-full max-w-[1008px] flex-1 px-4 py-8 sm:px-6">
      <h1 className="text-h1">{t("title")}</h1>
      <Words of={["account", "signIn", "errors"]}>
        <AccountNav />
        {children}
      </Words>
    </main>
  );
}
