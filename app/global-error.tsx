"use client";

import "./globals.css";

import { buttonClass } from "@/app/_ui/button";
import { PageMessage } from "./_components/page-message";

/** Stands in for the layout itself, so neither the theme nor the messages can be relied on: both languages, system fonts. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body className="flex min-h-dvh flex-col">
        <title>Chat Arena</title>
        <PageMessage
          title="This page could not be shown · 这个页面无法显示"
          body="Something failed inside the server. What you typed is kept in this browser. 服务器内部出错。你输入的文字保存在这个浏览器里。"
        >
          <button type="button" className={buttonClass("primary")} onClick={reset}>
            Try again · 重试
          </button>
        </PageMessage>
      </body>
    </html>
  );
}
