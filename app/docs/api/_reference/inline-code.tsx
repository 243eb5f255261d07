/** A sentence in which what stands between backticks is code. */
export function InlineCode({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one fixed text.
      <code key={index} className="rounded-badge bg-muted px-1 font-mono text-[12px]">
        {part}
      </code>
    ),
  );
}
