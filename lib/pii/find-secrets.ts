import { before, type Finder, matches } from "./find";

/** Keys and tokens that say by their beginning what they are. */
const knownTokens = new RegExp(
  `(?<![A-Za-z0-9_-])(?:${[
    "(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "LTAI[A-Za-z0-9]{12,24}",
    "AKID[A-Za-z0-9]{13,40}",
    "gh[pousr]_[A-Za-z0-9]{30,255}",
    "github_pat_[A-Za-z0-9_]{22,255}",
    "glpat-[A-Za-z0-9_-]{18,64}",
    "npm_[A-Za-z0-9]{36}",
    "pypi-[A-Za-z0-9_-]{50,255}",
    "hf_[A-Za-z0-9]{30,64}",
    "sk-(?:proj-|svcacct-|or-v1-|ant-[a-z0-9]{2,12}-)?[A-Za-z0-9_-]{20,255}",
    "(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,128}",
    "ca_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{20,64}",
    "xox[abeoprs]-[A-Za-z0-9-]{10,255}",
    "xapp-[A-Za-z0-9-]{20,255}",
    "AIza[A-Za-z0-9_-]{35}",
    "ya29\\.[A-Za-z0-9_-]{20,255}",
    "SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}",
    "dop_v1_[a-f0-9]{64}",
    "\\d{8,10}:AA[A-Za-z0-9_-]{33}",
    "eyJ[A-Za-z0-9_-]{8,2048}\\.eyJ[A-Za-z0-9_-]{8,4096}\\.[A-Za-z0-9_-]{8,1024}",
  ].join("|")})`,
  "g",
);

/** What stands in a sample for a key: the same signs over and over, or words. */
const placeholder =
  /^(?:(?:sk|pk|rk|gh[pousr]|hf|npm)[-_])?(?:proj-|live_|test_)?(?:your|my|xxx|\.\.\.|<|insert|example|replace|dummy|fake)/i;

/** Whole private keys in PEM; one whose end is missing goes on to the end of the text. */
const privateKeyStart = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const privateKeyEnd = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;

/** An assignment to something that is called a key, up to its value. */
const keyName =
  /(?:api[ _-]?key|secret(?:[ _-]?(?:key|id))?|access[ _-]?(?:key|token)|auth[ _-]?token|token|client[ _-]?secret|bearer|credential|密钥|秘钥|令牌|凭证|私钥)["'\]]?(?: ?(?::=|[:=]|=>|is|是|为) ?| )["'\x60]?$/i;

const minNamed = 16;
const minNamedBits = 3.2;
const minBare = 40;
const maxBare = 200;
const minBareBits = 4.4;

/**
 * Keys, tokens and private keys: by their known beginnings, by the name of what they are assigned to, or, for long ones, by
 * being as even a mixture of signs as only chance makes.
 */
export const findSecrets: Finder = function* (text) {
  for (const { start, end, match } of matches(text, knownTokens)) {
    const body = match[0].slice(-20);
    if (!placeholder.test(match[0]) && new Set(body).size > 5) yield { kind: "secret", start, end };
  }
  let free = 0;
  const ends = [...matches(text, privateKeyEnd)].map(({ end }) => end);
  let next = 0;
  for (const { start, end } of matches(text, privateKeyStart)) {
    if (start < free) continue;
    while (next < ends.length && (ends[next] ?? 0) <= end) next += 1;
    free = ends[next] ?? text.length;
    yield { kind: "secret", start, end: free };
  }
  for (const { start, end, match } of matches(text, /[A-Za-z0-9+/_=.~-]{16,}/g)) {
    const [token] = match;
    const value = token.replace(/[.=~-]+$/, "");
    const isNamed =
      value.length >= minNamed &&
      keyName.test(before(text, start, 40)) &&
      isMixed(value) &&
      bitsOf(value) >= minNamedBits;
    if (isNamed && !placeholder.test(value) && !/[a-z]\.[a-z]/i.test(value))
      yield { kind: "secret", start, end: start + value.length };
    else if (isByChance(value) && !isNoSecret(text, start)) yield { kind: "secret", start, end };
  }
};

const isMixed = (value: string) => /\d/.test(value) && /[A-Za-z]/.test(value);

function isByChance(value: string): boolean {
  if (value.length < minBare || value.length > maxBare || /[./].*[./].*[./]/.test(value.slice(0, maxBare)))
    return false;
  return (
    /\d.*\d.*\d/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && bitsOf(value) >= minBareBits
  );
}

/** Checksums and embedded data say what they are, and a part of an address is rarely a key. */
function isNoSecret(text: string, start: number): boolean {
  return /(?:sha\d{1,3}[-:]|md5[-:]|base64,|integrity["': ]+|https?:\/\/\S{0,60}|[/?&#%])$/i.test(
    before(text, start, 80),
  );
}

/** Shannon's entropy of the signs of a string, in bits a sign. */
function bitsOf(value: string): number {
  const counts = new Map<string, number>();
  for (const sign of value) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
