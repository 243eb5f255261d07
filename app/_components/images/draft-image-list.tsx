"use client";

import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { DraftImage } from "./draft-image";
import { imagePath } from "./image-path";

type DraftImageListProps = { images: readonly DraftImage[]; onRemove: (key: string) => void };

/** The images above the field, each with the way out of the message. */
export function DraftImageList({ images, onRemove }: DraftImageListProps) {
  const t = useTranslations("images");
  return (
    <ul aria-label={t("added", { count: images.length })} className="flex flex-wrap gap-2 px-2.5 pt-2.5">
      {images.map(({ key, name, view }) => (
        <li key={key} className="relative">
          {view === null ? (
            <span
              role="img"
              aria-label={t("preparing", { name })}
              className="block size-16 animate-pulse rounded-control border border-line-2 bg-muted motion-reduce:animate-none"
            />
          ) : (
            // biome-ignore lint/performance/noImgElement: the visitor's own upload, which no optimiser may see.
            <img
              src={imagePath(view.id)}
              alt={name}
              width={64}
              height={64}
              className="size-16 rounded-control border border-line-2 bg-surface object-cover"
            />
          )}
          <button
            type="button"
            aria-label={t("remove", { name })}
            data-tip={t("remove", { name })}
            onClick={() => onRemove(key)}
            className="absolute -top-2 -right-2 flex size-6 items-center justify-center rounded-badge border border-line-2 bg-bg text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg"
          >
            <X size={14} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
