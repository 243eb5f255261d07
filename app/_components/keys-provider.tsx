"use client";

import { CircleQuestionMark } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext, useState } from "react";
import { useKeys } from "@/app/_hooks/use-keys";
import { IconButton } from "@/app/_ui/icon-button";

const KeysDialog = dynamic(() => import("./keys-dialog").then((module) => module.KeysDialog), { ssr: false });

const OpenKeys = createContext<() => void>(() => {});

/** Opens the dialog of all keys. */
export function useOpenKeys(): () => void {
  return useContext(OpenKeys);
}

export function KeysProvider({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  // Once loaded it stays mounted, so that closing is animated too.
  const [wasOpened, setWasOpened] = useState(false);
  const open = () => {
    setWasOpened(true);
    setIsOpen(true);
  };
  useKeys({
    "?": (event) => {
      event.preventDefault();
      open();
    },
  });
  return (
    <OpenKeys value={open}>
      {children}
      {wasOpened ? <KeysDialog isOpen={isOpen} onOpenChange={setIsOpen} /> : null}
    </OpenKeys>
  );
}

export function KeysButton() {
  const t = useTranslations("nav");
  return (
    <IconButton label={t("keys")} keyHint="?" onClick={useOpenKeys()}>
      <CircleQuestionMark size={16} />
    </IconButton>
  );
}
