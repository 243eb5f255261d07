import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { currentUserOrNobody } from "@/app/_data/session";
import { BrandMark } from "./brand";
import { ConsoleLink, consoleHrefOf } from "./console-link";
import { GuideLink } from "./guide-link";
import { HistoryLink } from "./history-link";
import { KeysButton } from "./keys-provider";
import { LanguageSwitch } from "./language-switch";
import { NavLinks } from "./nav-links";
import { PhoneBar } from "./phone-bar";
import { ThemeSwitch } from "./theme-switch";
import { UserSlot } from "./user-slot";

/** 52 px on every page. On a phone: menu, title of the page, one action. */
export async function TopBar() {
  const t = await getTranslations("site");
  const user = await currentUserOrNobody();
  const name = user?.name ?? null;
  const consoleHref = consoleHrefOf(user?.role);
  return (
    <header className="sticky top-0 z-20 h-13 shrink-0 border-b border-line bg-bg">
      <a
        href="#main"
        className="sr-only rounded-control bg-bg px-3 py-1.5 text-ui focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-30"
      >
        {t("skip")}
      </a>
      <PhoneBar userName={name} consoleHref={consoleHref} />
      <div className="mx-auto hidden h-full max-w-[1440px] items-center px-4 sm:flex md:px-6">
        <Link
          href="/"
          className="mr-2 flex items-center md:mr-5 gap-2.5 rounded-control text-h2 text-[15px] whitespace-nowrap"
        >
          <BrandMark />
          <span className="max-md:sr-only">{t("name")}</span>
        </Link>
        <NavLinks />
        <div className="ml-auto flex items-center gap-1">
          <HistoryLink />
          <GuideLink />
          <LanguageSwitch />
          <ThemeSwitch />
          <span className="max-md:hidden">
            <KeysButton />
          </span>
          {consoleHref === null ? null : <ConsoleLink href={consoleHref} />}
          <UserSlot name={name} />
        </div>
      </div>
    </header>
  );
}
