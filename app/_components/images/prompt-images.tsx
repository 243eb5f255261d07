"use client";

import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import type { ImageView } from "@/lib/protocol";
import { imagePath } from "./image-path";

type PromptImagesProps = {
  images: readonly ImageView[];
  /** small: a line of squares; large: as wide as a message may be. */
  size: "small" | "large";
  className?: string;
};

const largest = { width: 320, height: 240 };

/** The images of a prompt that was sent; each opens in full beside the page. */
export function PromptImages({ images, size, className }: PromptImagesProps) {
  const t = useTranslations("images");
  if (images.length === 0) return null;
  return (
    <ul aria-label={t("ofPrompt")} className={cn("flex flex-wrap gap-2", className)}>
      {images.map(({ id, width, height }, index) => {
        // Known before the bytes are here, so nothing moves when they come.
        const scale = Math.min(1, largest.width / width, largest.height / height);
        const label = t("open", { number: index + 1, count: images.length });
        return (
          <li key={id}>
            <a href={imagePath(id)} target="_blank" rel="noopener" data-tip={label} className="block">
              {/* biome-ignore lint/performance/noImgElement: the visitor's own upload, which no optimiser may see. */}
              <img
                src={imagePath(id)}
                alt={label}
                width={size === "small" ? 36 : Math.round(width * scale)}
                height={size === "small" ? 36 : Math.round(height * scale)}
                className={cn(
                  "border border-line-2 bg-surface",
                  size === "small"
                    ? "size-9 rounded-control object-cover"
                    : "h-auto max-w-full rounded-panel",
                )}
              />
            </a>
          </li>
        );
      })}
    </ul>
  );
}
