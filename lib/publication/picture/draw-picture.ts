import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import satori from "satori";
import type { SharedContent } from "@/lib/protocol";
import { titleOf } from "../share-view";
import { fontsFor } from "./picture-fonts";

/** The words of a picture, in the reader's language. */
export type PictureWords = {
  site: string;
  /** Where nothing of the title can be drawn. */
  fallbackTitle: string;
  /** What kind of page it is, or how its visitor voted. */
  caption: string;
  winner: string;
};

export const pictureSize = { width: 1200, height: 630 } as const;

/** The light tokens of app/globals.css in sRGB: a picture has no style sheet. */
const colour = {
  bg: "#ffffff",
  fg: "#181818",
  fg2: "#454545",
  fg3: "#696969",
  line: "#dfdfdf",
  accent: "#116394",
};

/** A title of which more than this share cannot be drawn would be misread. */
const maxLostShare = 0.2;

type Node = { type: string; props: Record<string, unknown> };
const box = (style: Record<string, unknown>, ...children: (Node | string)[]): Node => ({
  type: "div",
  props: { style: { display: "flex", ...style }, children },
});

let renderer: Promise<void> | undefined;

/** The renderer is a WebAssembly module of its package; it may be started only once in a process. */
function startRenderer(): Promise<void> {
  renderer ??= readFile(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")).then(
    (bytes) => initWasm(bytes),
  );
  return renderer;
}

/** Draws the picture that other sites show beside a link to a shared page: its title, the models, the vote. PNG. */
export async function drawPicture(
  content: SharedContent,
  words: PictureWords,
): Promise<Uint8Array<ArrayBuffer>> {
  const title = titleOf(content);
  const names = namesOf(content);
  const { fonts, drawable } = await fontsFor([title, ...names, ...Object.values(words)].join(" "));
  const drawn = drawable(title).trim();
  const isReadable = drawn !== "" && [...drawn].length >= [...title.trim()].length * (1 - maxLostShare);
  const tree = layout(content, isReadable ? drawn : words.fallbackTitle, words, drawable);
  const families = [...new Set(fonts.map(({ name }) => name))].filter((name) => name !== "Geist Mono");
  tree.props.style = {
    ...(tree.props.style as object),
    fontFamily: families.map((name) => `"${name}"`).join(", "),
  };
  const svg = await satori(tree as never, { ...pictureSize, fonts });
  await startRenderer();
  const image = new Resvg(svg, { font: { loadSystemFonts: false } });
  try {
    const rendered = image.render();
    try {
      // A copy: the renderer's memory is freed below.
      return new Uint8Array(rendered.asPng());
    } finally {
      rendered.free();
    }
  } finally {
    image.free();
  }
}

function namesOf(content: SharedContent): string[] {
  if (content.kind === "battle") {
    return [content.models.a, content.models.b].flatMap(({ displayName, organization }) => [
      displayName,
      organization ?? "",
    ]);
  }
  return [
    ...new Set(
      content.messages.flatMap((message) =>
        message.role === "assistant" ? [message.model.displayName] : [],
      ),
    ),
  ];
}

function layout(
  content: SharedContent,
  title: string,
  words: PictureWords,
  drawable: (text: string) => string,
): Node {
  const foot =
    content.kind === "battle"
      ? box(
          { width: "100%", borderTop: `2px solid ${colour.line}` },
          side(content, "a", words, drawable),
          box({ width: 2, backgroundColor: colour.line }),
          side(content, "b", words, drawable),
        )
      : box(
          {
            ...{ width: "100%", padding: "36px 72px 40px", borderTop: `2px solid ${colour.line}` },
            ...{ fontSize: 34, fontWeight: 600 },
          },
          drawable(namesOf(content).join(" · ")) || words.site,
        );
  return box(
    {
      ...{ width: "100%", height: "100%", flexDirection: "column", justifyContent: "space-between" },
      ...{ backgroundColor: colour.bg, color: colour.fg, fontWeight: 500 },
    },
    box(
      { flexDirection: "column", padding: "60px 72px 0" },
      box(
        { alignItems: "center", fontSize: 28, fontWeight: 600 },
        mark(),
        box({ marginLeft: 16 }, words.site),
        box({ marginLeft: 20, color: colour.fg3, fontWeight: 500 }, words.caption),
      ),
      {
        type: "div",
        props: {
          style: {
            ...{ display: "block", marginTop: 44, fontSize: title.length > 60 ? 46 : 56, lineHeight: 1.28 },
            ...{ fontWeight: 600, letterSpacing: "-0.02em", lineClamp: 4, wordBreak: "break-word" },
          },
          children: title,
        },
      },
    ),
    foot,
  );
}

function side(
  { models, vote }: Extract<SharedContent, { kind: "battle" }>,
  which: "a" | "b",
  words: PictureWords,
  drawable: (text: string) => string,
): Node {
  const isWinner = vote.outcome === which;
  const { displayName, organization } = models[which];
  return box(
    { flex: 1, alignItems: "center", padding: "36px 40px 40px 72px" },
    box(
      {
        ...{ width: 44, height: 44, alignItems: "center", justifyContent: "center", flexShrink: 0 },
        ...{ border: `2px solid ${colour.fg}`, borderRadius: 10, fontSize: 24, fontFamily: "Geist Mono" },
        ...(isWinner ? { backgroundColor: colour.fg, color: colour.bg } : {}),
      },
      which.toUpperCase(),
    ),
    box(
      { flexDirection: "column", marginLeft: 22, maxWidth: 400 },
      box({ fontSize: 34, fontWeight: 600 }, shorten(drawable(displayName), 22)),
      box(
        { fontSize: 24, color: isWinner ? colour.accent : colour.fg3 },
        isWinner ? words.winner : shorten(drawable(organization ?? " "), 30),
      ),
    ),
  );
}

const shorten = (text: string, length: number) =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** The site's sign: two panes, one of them chosen. */
function mark(): Node {
  const pane = (isFilled: boolean, marginLeft: number) =>
    box({
      ...{ width: 17, height: 31, marginLeft, border: `3px solid ${colour.fg}`, borderRadius: 6 },
      ...(isFilled ? { backgroundColor: colour.fg } : {}),
    });
  return box({}, pane(true, 0), pane(false, 6));
}
