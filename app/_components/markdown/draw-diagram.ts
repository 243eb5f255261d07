import mermaid from "mermaid";
import { v4 as uuid } from "uuid";

export type Diagram = {
  /** As an image: nothing in it runs, and nothing is loaded by it. */
  url: string;
  width: number;
  height: number;
};

/** Both in the page, where it is measured, and inside the image, which sees none of the page's fonts. */
const fontFamily = "system-ui, sans-serif";
const fontSize = 14;

/** One after another: the library keeps its settings in one place. */
let queue: Promise<unknown> = Promise.resolve();

/** Draws a diagram in the page's colours of now. Errors: whatever the library says of a text that it does not understand. */
export function drawDiagram(code: string): Promise<Diagram> {
  const drawn = queue.then(() => draw(code));
  // The next one only waits for its turn; whoever asked for this one hears of its failure.
  queue = drawn.catch(() => undefined);
  return drawn;
}

async function draw(code: string): Promise<Diagram> {
  mermaid.initialize({
    ...{ startOnLoad: false, securityLevel: "strict", suppressErrorRendering: true },
    // Labels as SVG text: an image shows no HTML everywhere.
    ...{ htmlLabels: false, flowchart: { htmlLabels: false } },
    ...{ theme: "base", fontFamily, fontSize, themeVariables: themeOfPage() },
  });
  const { svg } = await mermaid.render(`diagram-${uuid()}`, code);
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
  const root = parsed.documentElement;
  const [, , width = 0, height = 0] = (root.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
  if (!(width > 0 && height > 0)) throw new Error("The diagram has no size.");
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(height));
  const text = new XMLSerializer().serializeToString(root);
  return { url: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`, width, height };
}

/** The page's colours as the library can compute with them. */
function themeOfPage() {
  const color = (token: string) => toHex(getComputedStyle(document.documentElement).getPropertyValue(token));
  const [fg, muted, line, background] = [color("--fg"), color("--muted"), color("--fg-3"), color("--bg")];
  const isDark = document.documentElement.dataset["theme"] === "dark";
  return {
    ...{ darkMode: isDark, background, fontFamily, fontSize: `${fontSize}px` },
    ...{ primaryColor: muted, primaryTextColor: fg, primaryBorderColor: line, lineColor: line },
    ...{ secondaryColor: color("--accent-soft"), tertiaryColor: background },
    ...{ textColor: fg, noteBkgColor: color("--accent-soft"), noteTextColor: fg, noteBorderColor: line },
    ...{ edgeLabelBackground: background, titleColor: fg, pie1: color("--accent") },
  };
}

/** Any CSS colour as `#rrggbb`: the library does not know oklch. */
function toHex(color: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return "#808080";
  context.fillStyle = color.trim();
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
