import type { ConversationSummary } from "@/lib/protocol";

export type DateGroup = {
  /** `month` with year and month: the calendar month of older ones. */
  name: "pinned" | "today" | "yesterday" | "week" | "recent" | "month";
  /** First day of the calendar month; only for `month`. */
  month: Date | null;
  conversations: ConversationSummary[];
};

/**
 * Conversations under the headings of the list, in order: pinned ones, then by the local day of their last message. `now` and
 * the local time zone decide what today is; what lies in the future (a clock that is wrong) counts as today.
 */
export function groupByDate(conversations: readonly ConversationSummary[], now: Date): DateGroup[] {
  const groups: DateGroup[] = [];
  const pinned = conversations.filter(({ isPinned }) => isPinned);
  if (pinned.length > 0) groups.push({ name: "pinned", month: null, conversations: pinned });
  for (const conversation of conversations) {
    if (conversation.isPinned) continue;
    const { name, month } = headingOf(new Date(conversation.updatedAt), now);
    const last = groups.at(-1);
    if (last?.name === name && last.month?.getTime() === month?.getTime()) {
      last.conversations.push(conversation);
    } else groups.push({ name, month, conversations: [conversation] });
  }
  return groups;
}

function headingOf(at: Date, now: Date): Pick<DateGroup, "name" | "month"> {
  const days = daysBetween(at, now);
  if (days <= 0) return { name: "today", month: null };
  if (days === 1) return { name: "yesterday", month: null };
  if (days <= 7) return { name: "week", month: null };
  if (days <= 30) return { name: "recent", month: null };
  return { name: "month", month: new Date(at.getFullYear(), at.getMonth(), 1) };
}

/** Midnights between two moments; days of 23 and 25 hours count as one. */
function daysBetween(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (day(to) - day(from)) / 86_400_000;
}
