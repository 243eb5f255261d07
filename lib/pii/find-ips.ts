import { before, type Finder, matches } from "./find";

/** Addresses that name no one: private, shared, loopback, link-local, documentation, multicast and reserved (RFC 6890), known resolvers. */
const impersonal =
  /^(?:0|10|127|2[2-5]\d)\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^169\.254\.|^172\.(?:1[6-9]|2\d|3[01])\.|^192\.(?:168|0\.[02])\.|^198\.(?:1[89]|51\.100)\.|^203\.0\.113\.|^(?:1\.1\.1\.1|1\.0\.0\.1|8\.8\.[48]\.[48]|9\.9\.9\.9|114\.114\.114\.114|223\.5\.5\.5)$/;

/** Words after which four numbers with dots are a version or a place in a document. */
const numberingWord =
  /(?:version|ver|release|build|firmware|section|chapter|clause|step|figure|table|theorem|exercise|版本|第|章节|章|节|图|表|§|[=~^<>]=|\bv|\bV)[.:]? ?$/i;
const addressWord =
  /(?:ip|host|server|address|addr|ping|ssh|client|地址|服务器|主机)[^A-Za-z0-9]{0,4}(?:is|was|是|为)? ?$/i;

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d{2}|[1-9]?\\d)";
const ipv4 = new RegExp(`(?<![\\w.-])${octet}(?:\\.${octet}){3}(?![\\w-]|\\.\\d)`, "g");

/** Public internet addresses. A version or a section that looks like one is none, unless the words before it say address. */
export const findIps: Finder = function* (text) {
  for (const { start, end, match } of matches(text, ipv4)) {
    const [address] = match;
    if (impersonal.test(address)) continue;
    const words = before(text, start);
    const isAddress = addressWord.test(words);
    if (!isAddress && (numberingWord.test(words) || /^\d(?:\.\d){3}$/.test(address))) continue;
    yield { kind: "ip", start, end };
  }
  // Only global unicast, 2000::/3 (RFC 4291): all others name no one, and `a::b` is a name in many languages.
  const ipv6 = /(?<![\w:.])[23][0-9a-f]{3}:[0-9a-f:]{3,34}(?![\w:])/gi;
  for (const { start, end, match } of matches(text, ipv6)) {
    if (isIpv6(match[0]) && !/^2001:0?db8:/i.test(match[0])) yield { kind: "ip", start, end };
  }
};

function isIpv6(address: string): boolean {
  const halves = address.split("::");
  const groups = address.split(":").filter((group) => group !== "");
  if (halves.length > 2 || groups.some((group) => group.length > 4)) return false;
  if (halves.length === 2) return groups.length >= 2 && groups.length <= 7;
  return groups.length === 8 && address.split(":").length === 8;
}
