"use client";

import { ArrowLeftRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { FilterMenu } from "@/app/_components/filter-menu";
import { headToHeadHref } from "@/app/_components/model-links";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import type { Choice } from "@/app/_ui/menu";
import type { BoardName } from "@/lib/protocol";

type ModelPickersProps = { board: BoardName; a: string; b: string; models: readonly Choice[] };

/** Who against whom; the choice stands in the address. */
export function ModelPickers({ board, a, b, models }: ModelPickersProps) {
  const t = useTranslations("h2h");
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const go = (nextA: string, nextB: string) => {
    startTransition(() => router.replace(headToHeadHref(nextA, nextB, board), { scroll: false }));
  };
  const none: Choice = { value: "", label: t("none") };
  const choicesFor = (value: string, other: string) => [
    ...(value === "" ? [none] : []),
    ...models.filter((model) => model.value !== other),
  ];
  return (
    <div className={cn("mt-4 flex flex-wrap items-center gap-2", isPending && "opacity-60")}>
      <FilterMenu name={t("first")} value={a} choices={choicesFor(a, b)} onChoose={(next) => go(next, b)} />
      <IconButton label={t("swap")} onClick={() => go(b, a)}>
        <ArrowLeftRight size={16} />
      </IconButton>
      <FilterMenu name={t("second")} value={b} choices={choicesFor(b, a)} onChoose={(next) => go(a, next)} />
    </div>
  );
}
