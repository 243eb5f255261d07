import type { RefObject } from "react";

/** A press on the button of a panel is a press outside of the panel too; the button itself decides what it does. */
export function unlessOnAnchor(
  anchor: RefObject<HTMLButtonElement | null>,
  onOpenChange: (isOpen: boolean) => void,
): (isOpen: boolean, details: { event: Event }) => void {
  return (isOpen, { event }) => {
    if (!isOpen && event.target instanceof Node && anchor.current?.contains(event.target) === true) return;
    onOpenChange(isOpen);
  };
}
