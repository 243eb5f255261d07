"use client";

import { NextIntlClientProvider, useLocale, useMessages } from "next-intl";
import { type ReactNode, useMemo } from "react";
import type { Messages } from "@/lib/i18n";

type AddedWordsProps = { messages: Partial<Messages>; children: ReactNode };

/** The library's provider takes the place of the one above it; this one adds to it. */
export function AddedWords({ messages, children }: AddedWordsProps) {
  const above = useMessages();
  const together = useMemo(() => ({ ...above, ...messages }), [above, messages]);
  return (
    <NextIntlClientProvider locale={useLocale()} messages={together}>
      {children}
    </NextIntlClientProvider>
  );
}
