"use client";

import { useEffect, useRef, useState } from "react";
import type { DraftImage } from "./draft-image";

/**
 * A message that is sent while its images are still on their way goes out as soon as they are there. Changing the text, or an
 * image that does not arrive, takes that back: the message stays in the composer.
 */
export function useSendWhenReady(
  images: readonly DraftImage[],
  draft: string,
  send: (text: string) => void,
): { areComing: boolean; isWaiting: boolean; wait: () => void } {
  const [waiting, setWaiting] = useState<{ draft: string; count: number } | null>(null);
  const areComing = images.some(({ view }) => view === null);
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });

  const count = images.length;
  useEffect(() => {
    if (waiting === null) return;
    const isChanged = waiting.draft !== draft || waiting.count !== count;
    if (!isChanged && areComing) return;
    setWaiting(null);
    if (!isChanged) latest.current(draft);
  }, [waiting, draft, count, areComing]);

  return { areComing, isWaiting: waiting !== null, wait: () => setWaiting({ draft, count }) };
}
