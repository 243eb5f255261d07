import { useTranslations } from "next-intl";
import type { ComponentProps, ReactNode } from "react";
import type { Components } from "streamdown";
import { CodeBlock } from "./code-block";

/** Drops the syntax-tree node that the renderer passes along; the rest goes to the element. */
type Props<Tag extends "a" | "img" | "table"> = ComponentProps<Tag> & { node?: unknown };

/** A page that answers point to learns neither where the reader came from nor gets a handle on this window. */
function Anchor({ node: _, href, children, ...props }: Props<"a">) {
  if (href === undefined || href.startsWith("streamdown:")) return <span>{children}</span>;
  if (href.startsWith("#")) {
    return (
      <a {...props} href={href}>
        {children}
      </a>
    );
  }
  return (
    <a {...props} href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  );
}

/** Pictures from elsewhere are never fetched: whoever hosts them would see the reader. Their address is offered as a link. */
function Picture({ node: _, src, alt }: Props<"img">) {
  const t = useTranslations("code");
  const label = alt === undefined || alt === "" ? t("image") : alt;
  return typeof src === "string" && /^https?:/.test(src) ? (
    <Anchor href={src}>{label}</Anchor>
  ) : (
    <span>{label}</span>
  );
}

function Table({ node: _, children }: Props<"table">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls inside, and a keyboard has to reach it.
    <div className="table-scroll" tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

type TagName =
  | "p"
  | "h1"
  | "h2"
  | "h3"
  | "h4"
  | "h5"
  | "h6"
  | "ul"
  | "ol"
  | "li"
  | "blockquote"
  | "hr"
  | "strong";
type CellName = "thead" | "tbody" | "tr" | "th" | "td" | "sup" | "sub" | "section";

/** The bare element: how it looks is one style sheet, `answer.css`. */
function bare(Tag: TagName | CellName) {
  return function BareElement({ node: _, ...props }: { node?: unknown; children?: ReactNode }) {
    return <Tag {...props} />;
  };
}

function InlineCode({ children }: ComponentProps<"code">) {
  return <code>{children}</code>;
}

function Nothing() {
  return null;
}

const bareTags = [
  ...(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "strong"] as const),
  ...(["thead", "tbody", "tr", "th", "td", "sup", "sub", "section"] as const),
];

/** One object for the life of the page: with new components every finished block would render again. */
export const elements = {
  ...Object.fromEntries(bareTags.map((tag) => [tag, bare(tag)])),
  a: Anchor,
  img: Picture,
  source: Nothing,
  table: Table,
  code: CodeBlock,
  inlineCode: InlineCode,
} as Components;
