import { type Finder, matches } from "./find";

const says = "(?: ?[:=#] ?| ?(?:是|为|is) ?)";
const end = "(?![A-Za-z0-9_-])(?!\\.\\d)";

/** A QQ number has five to eleven digits and does not begin with 0; without a sign that states it, six at least. */
const qq = new RegExp(
  `(?<![A-Za-z0-9_-])(?:QQ|qq|扣扣|企鹅号)(?: ?(?:号码?|群号?|number|id|ID))?(?:${says}([1-9]\\d{4,10})| ?([1-9]\\d{5,10}))${end}`,
  "g",
);

/** Begins with a letter and has six to twenty letters, digits, hyphens and underscores (WeChat's own rule). */
const wechatId = "([A-Za-z][\\w-]{5,19})";
const wechatName = "(?:微信|薇信|威信|[Vv]信|(?<![A-Za-z0-9_])(?:[Ww]e[Cc]hat|WECHAT|[Ww]eixin))";

/**
 * Stated as such: 微信号：…, WeChat: …. The short names VX and WX are variables in code, so they count in capitals only, or right
 * after Chinese words.
 */
const wechatStated = new RegExp(
  `(?:${wechatName}|(?<![A-Za-z0-9_])(?:VX|WX)|(?<=[\u4e00-\u9fff，。、；] ?)(?:vx|wx))(?: ?(号码?|账号|id|ID|Id|number))?${says}${wechatId}${end}`,
  "g",
);

/** 加我微信 zhang_san88: asks to be added. */
const wechatAsked = new RegExp(
  `(?:加|联系|搜)(?:一下|个|下)?(?:我的?|他的?|她的?|我们的?)?(?:${wechatName}|[Vv][Xx]|[Ww][Xx])(?:号)? ?${wechatId}${end}`,
  "g",
);

/** Accounts at QQ and WeChat, by which a person is found, after a word that says so. */
export const findMessengers: Finder = function* (text) {
  for (const { end: at, match } of matches(text, qq)) {
    const number = match[1] ?? match[2] ?? "";
    if (new Set(number).size > 1) yield { kind: "messenger", start: at - number.length, end: at };
  }
  for (const { end: at, match } of matches(text, wechatStated)) {
    const id = match[2] ?? "";
    // A word of letters alone is one only where the text calls it an account's number in Chinese.
    const isCalledSo = match[1]?.startsWith("号") === true || match[1] === "账号";
    if (isCalledSo || /[\d_]/.test(id)) yield { kind: "messenger", start: at - id.length, end: at };
  }
  for (const { end: at, match } of matches(text, wechatAsked)) {
    const id = match[1] ?? "";
    if (/[\d_]/.test(id)) yield { kind: "messenger", start: at - id.length, end: at };
  }
};
