import "./globals.css";

import { GeistMono } from "geist/font/mono";
import { GeistSans } from "geist/font/sans";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import { ThemeProvider } from "next-themes";
import { type ReactNode, Suspense } from "react";
import { ChallengeStatus } from "@/app/_components/challenge-status";
import { KeysProvider } from "@/app/_components/keys-provider";
import { TopBar } from "@/app/_components/top-bar";
import { cn } from "@/app/_ui/cn";
import { TooltipLayer } from "@/app/_ui/tooltip-layer";
import { Words } from "@/app/_words/words";
import { htmlLang } from "@/lib/i18n";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("site");
  return {
    title: { default: t("name"), template: `%s · ${t("name")}` },
    description: t("description"),
    applicationName: t("name"),
    formatDetection: { telephone: false, email: false, address: false },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  // The keyboard of a phone shrinks the page, so the dock stays above it.
  interactiveWidget: "resizes-content",
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await getLocale();
  // The front handler makes one for each page (lib/server/security-headers); Next puts it on its own scripts by itself.
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    // The theme script sets `data-theme` before React wakes up.
    <html
      lang={htmlLang[locale]}
      suppressHydrationWarning
      className={cn(GeistSans.variable, GeistMono.variable)}
    >
      <body>
        <ThemeProvider
          nonce={nonce}
          attribute="data-theme"
          defaultTheme="system"
          enableSystem
          disableTransitionOnChange
        >
          <NextIntlClientProvider messages={{}}>
            <Words of={["site", "nav", "theme", "keys", "challenge", "common", "page"]}>
              <KeysProvider>
                <div className="flex min-h-dvh flex-col">
                  <Suspense>
                    <TopBar />
                  </Suspense>
                  {children}
                </div>
                <ChallengeStatus />
                <TooltipLayer />
              </KeysProvider>
            </Words>
          </NextIntlClientProvider>
        </ThemeProvider>
      </body>
    </html>
  );
}
