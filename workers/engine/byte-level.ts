/**
 * UTF-8 bytes of a token from its spelling in a vocabulary of byte-level BPE, which writes each byte as a character of
 * its own (GPT-2's table). Null: a character that stands for no byte, so the token is not spelled in bytes.
 */
export function fromByteLevel(spelling: string): number[] | null {
  const bytes: number[] = [];
  for (const character of spelling) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return bytes;
}

/** The same for SentencePiece, which writes bytes as `<0xNN>` and spaces as U+2581. */
export function fromSentencePiece(spelling: string): number[] {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(spelling)?.[1];
  return byte === undefined
    ? [...Buffer.from(spelling.replaceAll("\u2581", " "))]
    : [Number.parseInt(byte, 16)];
}

/** Source: `bytes_to_unicode` of OpenAI's gpt-2 encoder: printable Latin-1 stands for itself, the rest follows from U+0100. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const table = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    table.set(String.fromCharCode(isPrintable ? byte : next++), byte);
  }
  return table;
})();
