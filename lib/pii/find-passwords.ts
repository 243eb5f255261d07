import { type Finder, matches } from "./find";

const stated =
  /(?:password|passwd|passphrase|passcode|pass word|\bpwd|\bpin(?: code| number)?|密码|口令|验证码)["'\]]?(?: {0,2}(?::=|[:=]|=>|(?:was|is|be|to)\b|是|为|改成|设为) {0,2}| {0,2}\n? ?→ ?)(["'“‘「\x60]?)/gi;

/** Words that follow "password is" or stand for one in code and forms. */
const noPassword =
  /^(?:[[<{$%*•.…]|x{3,}|(?:your|the|a|an|my|not|too|required|empty|wrong|incorrect|invalid|correct|null|none|nil|undefined|true|false|password|passwd|pass|pwd|secret|changeme|example|string|str|text|test|input|getpass|prompt|process|os|env|req|request|self|this|user|data|form|config|args|hash)(?![A-Za-z0-9])|什么|多少|空|错误|不|必|正确|无效|由|在|需|用|几)/i;

/**
 * Passwords that a text states, in English or Chinese words or in an assignment, and those inside addresses. What follows must
 * look like one: of two kinds of signs at least, or digits, or in quotes. A variable or a call is none.
 */
export const findPasswords: Finder = function* (text) {
  for (const { end, match } of matches(text, stated)) {
    const quote = match[1] ?? "";
    const rest = text.slice(end, end + 64);
    const value =
      (quote === "" ? /^[\x21-\x7e]+/ : /^[^"'”’」\x60\n]+/)
        .exec(rest)?.[0]
        .replace(/[.,;:!?)\]}"']+$/, "") ?? "";
    if (value.length < 4 || noPassword.test(value)) continue;
    if (quote === "" && /^[A-Za-z_][\w.]*[([]|^[A-Za-z_]+(?:\.[A-Za-z_]+)+$|^[A-Za-z]+$|^https?:/.test(value))
      continue;
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
    const isLikely =
      quote === "" ? kinds >= 2 || /^\d{4,}$/.test(value) : kinds >= 2 && !/^\S+(?: \S+){2,}$/.test(value);
    if (isLikely) yield { kind: "password", start: end, end: end + value.length };
  }
  // user:password@host
  for (const { start, end, match } of matches(text, /:\/\/[\w.~%+-]{1,64}:([^\s:/@]{3,64})@/g)) {
    const value = match[1] ?? "";
    if (!noPassword.test(value))
      yield { kind: "password", start: Math.max(start, end - 1 - value.length), end: end - 1 };
  }
};
