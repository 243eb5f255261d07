"use client";

import { type ComponentProps, useEffect, useState } from "react";
import type { ModelList } from "./model-list";

type ModelPopupProps = ComponentProps<typeof ModelList>;

/** The list of models over the page, fetched when it is first opened. */
export function ModelPopup(props: ModelPopupProps) {
  const { isOpen, onOpenChange } = props;
  const [List, setList] = useState<typeof ModelList | null>(null);

  useEffect(() => {
    if (!isOpen || List !== null) return;
    import("./model-list").then(
      (module) => setList(() => module.ModelList),
      () => onOpenChange(false),
    );
  }, [isOpen, List, onOpenChange]);

  return List === null ? null : <List {...props} />;
}
