export const blockKinds = ["run", "gpu", "host"] as const;
export type BlockKind = (typeof blockKinds)[number];
export type Block = { kind: BlockKind; line: number; commands: string[] };

/**
 * The fenced shell blocks of a Markdown page: `sh run` is run by the tests, `sh gpu` needs a GPU or an engine, `sh host` needs
 * Docker, a cluster or a machine of one's own. A line that ends in a backslash goes on. Throws for a block that says nothing
 * of the kind, so that no command escapes the tests.
 */
export function readBlocks(page: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const [index, line] of page.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (fence !== null && open !== null) {
      blocks.push({ ...open, commands: join(open.commands) });
      open = null;
    } else if (fence !== null) {
      const [language, word = ""] = (fence[1] ?? "").split(" ");
      const kind = blockKinds.find((known) => known === word);
      if (language !== "sh" || kind === undefined) {
        throw new Error(`Line ${index + 1}: a block is marked "${fence[1]}", not sh run, sh gpu or sh host.`);
      }
      open = { kind, line: index + 1, commands: [] };
    } else if (open !== null) open.commands.push(line);
  }
  if (open !== null) throw new Error(`The block of line ${open.line} has no end.`);
  return blocks;
}

function join(lines: readonly string[]): string[] {
  return lines
    .join("\n")
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The commands of a page whose blocks are indented, as the READMEs' are; a line that ends in a backslash goes on. */
export function readIndentedCommands(page: string): string[] {
  const lines = page
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .split("\n")
    .filter((line) => /^ {4}\S/.test(line) || /^ {6,}-/.test(line));
  return join(lines);
}
