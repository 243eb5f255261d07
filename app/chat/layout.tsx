import type { ReactNode } from "react";
import { Words } from "@/app/_words/words";
import { chatLimits } from "@/lib/protocol";
import { ChatPage } from "./_chat/chat-page";

/** The whole chat stands in the layout, so that going from one conversation to another keeps what is on the page. */
export default function ChatLayout({ children }: { children: ReactNode }) {
  return (
    <Words
      of={["chat", "images", "composer", "errors", "consent", "share", "notice", "refusal", "flag", "code"]}
    >
      <ChatPage limits={chatLimits} />
      {children}
    </Words>
  );
}
