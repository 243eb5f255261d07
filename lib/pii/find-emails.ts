import type { Finder } from "./find";

const localCharacter = /[\p{Script=Latin}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const domainCharacter = /[\p{L}\p{N}.-]/u;
const maxLocal = 64;
const maxDomain = 255;

/** Names that no mailbox can have (RFC 2606, RFC 6761): what documentation writes. */
const reserved = /(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$/i;

/** Addresses of mailboxes (RFC 5322 as people write it): looked for from each @, so that no text is read twice. */
export const findEmails: Finder = function* (text) {
  let free = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > free && at - start < maxLocal && localCharacter.test(text[start - 1] ?? "")) start -= 1;
    // Quotes and dots around an address are not part of it.
    while (start < at && /['`.*/=|{}!?]/.test(text[start] ?? "")) start += 1;
    let end = at + 1;
    while (end < text.length && end - at <= maxDomain && domainCharacter.test(text[end] ?? "")) end += 1;
    while (end > at && /[.-]/.test(text[end - 1] ?? "")) end -= 1;
    const domain = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}/i.exec(
      asciiStart(text.slice(at + 1, end)),
    );
    if (start === at || domain === null || reserved.test(domain[0])) continue;
    end = at + 1 + domain[0].length;
    yield { kind: "email", start, end };
    free = end;
  }
};

/** Chinese text follows a domain without a space. */
function asciiStart(domain: string): string {
  return /^[\x21-\x7e]*/.exec(domain)?.[0] ?? "";
}
