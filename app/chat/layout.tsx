import type { ReactNode } from "react";
import { chatLimits } from "@/lib/protocol";
import { ChatPage } from "./_chat/chat-page";

/** The whole chat stands in the layout, so that going from one conversation to another keeps what is on the page. */
export default function ChatLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <ChatPage limits={chatLimits} />
      {children}
    </>
  );
}
