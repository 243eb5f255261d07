import { performance } from "node:perf_hooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findPii, redactPii } from ".";

/** What is found, as `kind: part`. */
const finds = (text: string) =>
  findPii(text).map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

describe("what is found", () => {
  it.each([
    ["Write to Ann.Lee+news@mail.example-corp.co.uk, please.", "email: Ann.Lee+news@mail.example-corp.co.uk"],
    ["邮箱是zhang_san@163.com，谢谢", "email: zhang_san@163.com"],
    ["邮箱：lisi＠qq．com", "email: lisi＠qq．com"],
    ["<mailto:o'brien@uni.edu>", "email: o'brien@uni.edu"],
    ["call +49 30 1234 5678 today", "phone: +49 30 1234 5678"],
    ["+14155550123", "phone: +14155550123"],
    ["My number is (415) 555-0123.", "phone: (415) 555-0123"],
    ["415-555-0123", "phone: 415-555-0123"],
    ["1-800-555-0199 ext", "phone: 1-800-555-0199"],
    ["0044 20 7946 0958", "phone: 0044 20 7946 0958"],
    ["Tel: 030 901820", "phone: 030 901820"],
    ["Phone number: 5550123", "phone: 5550123"],
    ["我的手机号是13812345678。", "phone: 13812345678"],
    ["电话：１３８ １２３４ ５６７８", "phone: １３８ １２３４ ５６７８"],
    ["+86 138-1234-5678", "phone: +86 138-1234-5678"],
    ["座机010-62345678", "phone: 010-62345678"],
    ["拨打 0755-26001234", "phone: 0755-26001234"],
    ["Card 4111 1111 1111 1111 exp 12/27", "card: 4111 1111 1111 1111"],
    ["5500005555555559", "card: 5500005555555559"],
    ["amex 3782-822463-10005", "card: 3782-822463-10005"],
    ["卡号6222021234567890128", "card: 6222021234567890128"],
    ["IBAN DE89 3704 0044 0532 0130 00 please", "iban: DE89 3704 0044 0532 0130 00"],
    ["gb82west12345698765432", "iban: gb82west12345698765432"],
    ["身份证号11010519491231002X", "cn_id: 11010519491231002X"],
    ["身份证：１１０１０５１９４９１２３１００２Ｘ。", "cn_id: １１０１０５１９４９１２３１００２Ｘ"],
    ["ring Sarah on 07911 123456", "phone: 07911 123456"],
    ["Her mobile, 07700 900 123, is off.", "phone: 07700 900 123"],
    ["text 07700900123", "phone: 07700900123"],
    ["The surgery is on 0161 496 0123.", "phone: 0161 496 0123"],
    ["London 020 7946 0958", "phone: 020 7946 0958"],
    ["01632 960123, ask for Tom", "phone: 01632 960123"],
    ["QQ：123456789", "messenger: 123456789"],
    ["我的qq号是10001234", "messenger: 10001234"],
    ["QQ 98765432", "messenger: 98765432"],
    ["加扣扣 445566778", "messenger: 445566778"],
    ["微信：zhang_san88", "messenger: zhang_san88"],
    ["微信号是zhangsanfeng", "messenger: zhangsanfeng"],
    ["VX: li4_2024", "messenger: li4_2024"],
    ["加我vx：wangwu1990", "messenger: wangwu1990"],
    ["加我微信 abc12345", "messenger: abc12345"],
    ["WeChat ID: ann_lee7", "messenger: ann_lee7"],
    ["my wechat is annlee1987", "messenger: annlee1987"],
    ["护照号：E12345678", "passport: E12345678"],
    ["护照G12345678丢了", "passport: G12345678"],
    ["passport no. 123456789", "passport: 123456789"],
    ["Passport number: C01X00T47", "passport: C01X00T47"],
    ["his passport is 533380006", "passport: 533380006"],
    ["SSN 078-05-1120", "ssn: 078-05-1120"],
    ["social security number is 078051120", "ssn: 078051120"],
    ["from 84.17.45.12 at noon", "ip: 84.17.45.12"],
    ["server address: 5.6.7.8", "ip: 5.6.7.8"],
    ["2a02:8109:9440:1d:5c2f::7 logged in", "ip: 2a02:8109:9440:1d:5c2f::7"],
    ["export AWS=AKIAIOSFODNN7EXAMPLQ", "secret: AKIAIOSFODNN7EXAMPLQ"],
    ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "secret: ghp_16C7e42F292c6912E7710c838347Ae178B4a"],
    ["sk-ant-api03-Zx81kQp_27ahsdLQWE92mz", "secret: sk-ant-api03-Zx81kQp_27ahsdLQWE92mz"],
    ["sk_live_4eC39HqLyjWDarjtT1zdp7dc", "secret: sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
    ['"api_key": "9f8aB7c6d5E4f3g2H1"', "secret: 9f8aB7c6d5E4f3g2H1"],
    ["密钥：a8Kd92mPq0Lz71XcVb5N", "secret: a8Kd92mPq0Lz71XcVb5N"],
    [
      "dGhJc0lzQXZlcnlSYW5kb21TdHJpbmc5ODc2NTQzMjEwUXdFclR5",
      "secret: dGhJc0lzQXZlcnlSYW5kb21TdHJpbmc5ODc2NTQzMjEwUXdFclR5",
    ],
    ["my password is hunter2", "password: hunter2"],
    ['password = "Tr0ub4dor&3"', "password: Tr0ub4dor&3"],
    ["密码是abc12345，别告诉别人", "password: abc12345"],
    ["登录密码：１２３４５６", "password: １２３４５６"],
    ["postgres://ann:s3cr3t-99@db.corp.net/x", "password: s3cr3t-99@db.corp.net"],
  ])("%s", (text, expected) => {
    expect(finds(text)).toContain(expected);
  });

  it("takes a whole private key, also one that is cut off", () => {
    const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----";
    expect(finds(`Here: ${key} and more`)).toEqual([`secret: ${key}`]);
    expect(finds("-----BEGIN PRIVATE KEY-----\nMIIEow")).toEqual([
      "secret: -----BEGIN PRIVATE KEY-----\nMIIEow",
    ]);
  });

  it("finds several in one text, in order", () => {
    const text =
      "I am at bob@corp.io or 13812345678; the card is 4111111111111111, the password is Abc#9912.";
    expect(findPii(text).map(({ kind }) => kind)).toEqual(["email", "phone", "card", "password"]);
  });
});

describe("what is left alone", () => {
  it.each([
    ["versions", "Upgrade from 1.2.3.4 to v10.15.7.99, firmware 84.17.45.12, numpy==1.26.4"],
    ["sections", "See Section 4.3.2.1 and 第 12.3.4.5 节"],
    ["ISBNs", "ISBN 978-3-16-148410-0, ISBN-10 0-306-40615-2, 9783161484100"],
    [
      "mathematics",
      "3.14159265358979323846 + 2.718281828459045 = 5.859874482048838; 12345678901234567890 mod 97",
    ],
    ["long numbers", "4532015112830367, and 1111222233334444 is no card"],
    ["dates and times", "2024-08-14 12:34:56, 14.08.2024, 2024/08/14 – 2025/01/01, 20240814123456"],
    ["timestamps", "ts=1723636496, ms=1723636496123, ns=1723636496123456789"],
    [
      "hashes",
      "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ],
    ["ids", "018f2b6e-7c1a-7000-8000-123456789abc and a1b2c3d4e5f6"],
    [
      "package integrity",
      '"integrity": "sha512-vTRyJ8wYcsOe5mHLYrHjPzEJQm4d3kgUqmTQXqsbrnkMVw0HhFVy4p3ZsQYJxU7i2F3aDhSg=="',
    ],
    [
      "private and documented addresses",
      "127.0.0.1, 10.0.0.5, 192.168.1.20, 172.16.3.4, 203.0.113.9, 8.8.8.8, ::1, fe80::1, 2001:db8::1",
    ],
    ["documented mailboxes", "user@example.com, root@localhost, a@b.test"],
    ["code", "const x = obj?.a::b; std::vector<int> v; @decorator\ndef f(a, b): return a@b.T"],
    ["handles and decorators", "@alice please @Override, npm i @scope/pkg@1.2.3"],
    ["money and counts", "It costs $1,299.99 for 10 000 000 people, 1 000 000 000 in all"],
    ["small tables", "1 2 3 4 5 6 7 8 9 10 11 12\n100 200 300 400 500"],
    ["phone as a word", "My phone has 8 cores and 12 GB; iPhone 15 Pro Max 256"],
    [
      "passwords in code",
      "password = input('x'); pwd = os.environ['P']; const password: string; password: req.body.password",
    ],
    [
      "passwords in prose",
      "The password is required. A password is too short. 密码是什么？密码不能为空。password: <your password>",
    ],
    ["samples of keys", "api_key = 'your-api-key-here-123'; OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    ["names in camel case", "AbstractSingletonProxyFactoryBeanGeneratorConfigurationManagerProvider"],
    [
      "addresses of pages",
      "https://docs.python.org/3/library/stdtypes.html#text-sequence-type-str?x=AbCdEf123456",
    ],
    ["a Chinese id with a wrong check digit", "110105194912310021"],
    ["an IBAN with a wrong check digit", "DE88 3704 0044 0532 0130 00"],
    ["a card with a wrong check digit", "4111 1111 1111 1112"],
    ["numbers never given out", "000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567"],
    ["grid references", "a[13812345678901]"],
    [
      "plain numbers",
      "0123 456, 00123456789, 1234567890, 12345 67890, 07 08 09, x = 0.7911123456, 20 7946 0958",
    ],
    ["numbers with zeros before them", "0001234 0005678, 01632, 07911 items, 0700000000"],
    ["QQ as a word", "The QQ plot of 10000 samples; QQ音乐 2024; QQ群很多; Q-Q: 12345"],
    [
      "WeChat as a word",
      "WeChat is popular. WeChat: messenger by Tencent. 微信支付 100000 元，微信小程序开发，微信 OAuth2 登录，wechat_pay",
    ],
    ["velocities", "vx = v0_initial * dt; vx: vx_max1; let wx = wx_1_scaled; vx=12345678"],
    [
      "passports in general",
      "A passport is valid for 10 years. 护照有效期10年。Passport 2024 edition, passport: required",
    ],
    ["plain Chinese", "请写一首关于春天的诗，第3段不少于200字。"],
  ])("%s", (_, text) => {
    expect(finds(text)).toEqual([]);
  });
});

/** Texts that are likely to come near a rule. */
const nearText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        " ",
        "-",
        ".",
        ":",
        "@",
        "+",
        "(",
        ") ",
        "\n",
        "，",
        "：",
        "password: ",
        "密码是",
        "phone ",
        "电话",
        "QQ:",
        "微信号:",
        "VX:",
        "护照",
        "passport no. ",
        "token=",
        "[email]",
      ),
      fc.stringMatching(/^[0-9]{1,19}$/),
      fc.stringMatching(/^[A-Za-z0-9_-]{1,44}$/),
      fc.constantFrom(
        "bob@corp.io",
        "13812345678",
        "4111111111111111",
        "DE89370400440532013000",
        "84.17.45.12",
        "hunter2x",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(""));

describe("for any text", () => {
  it("finds lie within it, in order and apart", () => {
    fc.assert(
      fc.property(nearText, (text) => {
        let from = 0;
        for (const { start, end } of findPii(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          from = end;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("nothing is found in what was redacted, and redacting it again changes nothing", () => {
    fc.assert(
      fc.property(nearText, (text) => {
        const once = redactPii(text);
        expect(findPii(once.text)).toEqual([]);
        expect(redactPii(once.text)).toEqual({ text: once.text, count: 0 });
        if (findPii(text).length === 0) expect(once.text).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves the rest as it is", () => {
    expect(redactPii("Mail bob@corp.io, or ring 13812345678.")).toEqual({
      text: "Mail [email], or ring [phone].",
      count: 2,
    });
  });
});

describe("hostile texts", () => {
  const length = 200_000;
  it.each([
    ["digits", "1".repeat(length)],
    ["digits in groups", "1 ".repeat(length / 2)],
    ["digits with dots", "1.".repeat(length / 2)],
    ["letters", "a".repeat(length)],
    ["mixed letters", "aB3".repeat(length / 3)],
    ["at signs", "@".repeat(length)],
    ["mailboxes without an end", "a@a.".repeat(length / 4)],
    ["colons", "2001:".repeat(length / 5)],
    ["key starts", "-----BEGIN PRIVATE KEY-----".repeat(length / 27)],
    ["stated passwords", "password: ".repeat(length / 10)],
    ["token starts", "eyJaaaaaaaa.".repeat(length / 12)],
    ["slashes", "://a:".repeat(length / 5)],
    ["accounts", "DE89 ".repeat(length / 5)],
    ["stated accounts", "QQ:".repeat(length / 3)],
    ["stated passports", "passport no ".repeat(length / 12)],
    ["WeChat ids without an end", "加我微信a".repeat(length / 5)],
    ["brackets", "(".repeat(length)],
    ["spaces", " ".repeat(length)],
  ])("%s take time in proportion to their length", (_, text) => {
    // Not a measure of speed: a text of ten times the length may not take a hundred times as long, which is minutes here.
    const begun = performance.now();
    findPii(text);
    expect(performance.now() - begun).toBeLessThan(8_000);
  });
});
