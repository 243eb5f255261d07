"use client";

import { Menu as MenuIcon, Plus } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { IconButton } from "@/app/_ui/icon-button";
import { findPage } from "./pages";

const PhoneMenu = dynamic(() => import("./phone-menu").then((module) => module.PhoneMenu), { ssr: false });

type PhoneBarProps = { userName: string | null; consoleHref: string | null };

/** The top bar below 640 px. */
export function PhoneBar({ userName, consoleHref }: PhoneBarProps) {
  const t = useTranslations("nav");
  const page = findPage(usePathname());
  const isInBattle = useSearchParams().has("battle");
  const [isOpen, setIsOpen] = useState(false);
  const [wasOpened, setWasOpened] = useState(false);
  return (
    <div className="grid h-full grid-cols-[44px_1fr_44px] items-center px-2 sm:hidden">
      <IconButton
        isLarge
        label={t("menu")}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => {
          setWasOpened(true);
          setIsOpen(true);
        }}
      >
        <MenuIcon size={20} />
      </IconButton>
      <span className="truncate text-center text-h2">{page === undefined ? null : t(page.label)}</span>
      {(page?.label === "battle" || page?.label === "compare") && isInBattle ? (
        <Link
          href={page.href}
          aria-label={t(page.label === "battle" ? "newBattle" : "newComparison")}
          className="flex size-11 items-center justify-center rounded-control text-fg-2"
        >
          <Plus size={20} />
        </Link>
      ) : null}
      {wasOpened ? (
        <PhoneMenu isOpen={isOpen} onOpenChange={setIsOpen} userName={userName} consoleHref={consoleHref} />
      ) : null}
    </div>
  );
}
