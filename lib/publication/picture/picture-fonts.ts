import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type PictureFont = { name: string; data: Buffer; weight: 400 | 500 | 600; style: "normal" };

/** Fonts come from installed packages, never from the network. */
const resolve = createRequire(import.meta.url).resolve;
const geistFolder = join(dirname(resolve("geist/font/sans")), "fonts");
const chinesePackage = "@fontsource/noto-sans-sc";

type Subset = { file: string; ranges: [first: number, last: number][] };
let subsets: Promise<Subset[]> | undefined;
const files = new Map<string, Promise<Buffer>>();

/** A font's file is read once; one that could not be read is tried again. */
function read(path: string): Promise<Buffer> {
  const known = files.get(path);
  if (known !== undefined) return known;
  const reading = readFile(path);
  files.set(path, reading);
  reading.catch(() => files.delete(path));
  return reading;
}

/** The Chinese font is cut into about a hundred files by characters; which has what is in the package. */
function readSubsets(): Promise<Subset[]> {
  subsets ??= readFile(resolve(`${chinesePackage}/unicode.json`), "utf8").then((text) =>
    Object.entries(JSON.parse(text) as Record<string, string>).map(([name, ranges]) => ({
      file: `${chinesePackage}/files/noto-sans-sc-${name.replace(/^\[(\d+)\]$/, "$1")}-600-normal.woff`,
      ranges: ranges.split(",").map((range) => {
        const [first = "", last = first] = range.replace("U+", "").split("-");
        return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
      }),
    })),
  );
  return subsets;
}

/** Basic Latin, Latin-1 and the signs that Geist has. */
const isLatin = (code: number) => (code >= 0x20 && code <= 0x17f) || (code >= 0x2010 && code <= 0x2026);

/**
 * The fonts that this text needs: Geist, and of the Chinese one only the files that hold its characters. `drawable` is the text
 * without what none of them can draw, such as emoji and other scripts.
 */
export async function fontsFor(
  text: string,
): Promise<{ fonts: PictureFont[]; drawable: (text: string) => string }> {
  const all = await readSubsets();
  const holders = new Map<number, Subset | null>();
  const holderOf = (code: number): Subset | null => {
    const known = holders.get(code);
    if (known !== undefined) return known;
    const isPicture = /\p{Extended_Pictographic}|\p{Cf}|\p{Co}|\p{Cs}/u.test(String.fromCodePoint(code));
    const found = isPicture
      ? undefined
      : all.find(({ ranges }) => ranges.some(([first, last]) => code >= first && code <= last));
    holders.set(code, found ?? null);
    return found ?? null;
  };
  const needed = new Set<string>();
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (isLatin(code)) continue;
    const holder = holderOf(code);
    if (holder !== null) needed.add(holder.file);
  }
  const [medium, semibold, mono, ...chinese] = await Promise.all([
    read(join(geistFolder, "geist-sans", "Geist-Medium.ttf")),
    read(join(geistFolder, "geist-sans", "Geist-SemiBold.ttf")),
    read(join(geistFolder, "geist-mono", "GeistMono-SemiBold.ttf")),
    ...[...needed].map((file) => read(resolve(file))),
  ]);
  const style = "normal" as const;
  return {
    fonts: [
      { name: "Geist", data: medium, weight: 500, style },
      { name: "Geist", data: semibold, weight: 600, style },
      { name: "Geist Mono", data: mono, weight: 600, style },
      // Of two fonts with one name only one would be used.
      ...chinese.map((data, index) => ({ name: `Noto Sans SC ${index}`, data, weight: 600 as const, style })),
    ],
    drawable: (part) =>
      [...part]
        .filter((character) => {
          const code = character.codePointAt(0) ?? 0;
          return isLatin(code) || holderOf(code) !== null;
        })
        .join(""),
  };
}
