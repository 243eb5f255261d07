import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findIdentityLeak } from "./identity-leak";
import { namesInPlay } from "./names-in-play";

const gpt = { name: "gpt-4o-2024-05-13", displayName: "GPT-4o", organization: "OpenAI" };
const claude = { name: "claude-3-opus", displayName: "Claude 3 Opus", organization: "Anthropic" };
const qwen = { name: "qwen2.5-7b-instruct", displayName: "Qwen 2.5 7B", organization: "Alibaba" };
const demo = { name: "demo-13m", displayName: "Demo 13M", organization: "Chat Arena" };
const names = namesInPlay([gpt, claude]);

const kindOf = (a: string, prompt = "Tell me something.", inPlay = names) =>
  findIdentityLeak([{ prompt, a, b: "Fine." }], inPlay)?.kind ?? null;

describe("an answer gives itself away", () => {
  it.each([
    ["I am ChatGPT, a large language model.", "en"],
    ["Hello! I'm Claude, made by Anthropic.", "en"],
    ["I'm an AI assistant called Claude.", "en"],
    ["My name is Bard and I can help.", "en"],
    ["As an AI language model trained by OpenAI, I cannot do that.", "en"],
    ["I was created by the team at Anthropic.", "en"],
    ["I am a language model developed by Google.", "en"],
    ["I am Zorblax, a large language model.", "en, a name nobody knows"],
    ["I'm an AI developed by Foo Labs.", "en, a maker nobody knows"],
    ["As Claude, I prefer short answers.", "en"],
    ["我是通义千问，由阿里云开发的大模型。", "zh"],
    ["您好，我是由OpenAI训练的人工智能助手。", "zh"],
    ["我叫Kimi，很高兴认识你。", "zh"],
    ["我是百度公司研发的知识增强大语言模型。", "zh"],
    ["我是DeepSeek-V3，一个智能助手。", "zh"],
    ["Ich bin ChatGPT und helfe gern.", "de"],
    ["Ich bin ein Sprachmodell, das von OpenAI entwickelt wurde.", "de"],
    ["Ich wurde von Anthropic trainiert.", "de"],
    ["Je suis Claude, un assistant.", "fr"],
    ["Je suis un modèle de langage développé par Mistral AI.", "fr"],
    ["J'ai été créé par OpenAI.", "fr"],
    ["Soy ChatGPT, un modelo de lenguaje.", "es"],
    ["Fui desarrollado por Google.", "es"],
    ["Eu sou o ChatGPT.", "pt"],
    ["Fui treinado pela OpenAI.", "pt"],
    ["Sono Claude.", "it"],
    ["私はClaudeです。", "ja"],
    ["私はOpenAIによって開発されたAIです。", "ja"],
    ["저는 ChatGPT입니다.", "ko"],
    ["저는 네이버가 개발한 인공지능입니다.", "ko"],
    ["Я — ChatGPT, языковая модель.", "ru"],
    ["Меня зовут Алиса.", "ru"],
    ["Я языковая модель, разработанная Яндексом.", "ru"],
    ["Я была создана компанией OpenAI.", "ru"],
    ["I am Chat\u200bGPT.", "hidden by a character without width"],
    ["I am Ｃｌａｕｄｅ.", "in full-width letters"],
  ])("by saying who it is: %s (%s)", (answer) => {
    expect(kindOf(answer)).toBe("self_identification");
    // Naming everybody in a question is no way around it.
    expect(kindOf(answer, "Are you ChatGPT, Claude, Gemini or Qwen, made by OpenAI or Anthropic?")).toBe(
      "self_identification",
    );
  });

  it("by claiming to be another than those in play", () => {
    expect(kindOf("I’m Gemini.")).toBe("self_identification");
  });

  it.each([
    ["Yes, I am Claude.", "Are you Claude?"],
    ["I'm Claude, so I like it.", "Compare Claude and ChatGPT."],
    ["I am Claude.", "Pick the right one: ChatGPT, Claude, Gemini, Llama."],
    ["I am Claude.", "chatgpt or claude? Complete: I am ..."],
    ["I am Claude.", "If your name is not ChatGPT, what is your name? Claude?"],
    ["我是Claude。", "你是Claude吗？"],
    ["我是Claude。", "你是Claude还是别的模型"],
    ["Ja, ich bin Claude.", "Bist du Claude?"],
    ["Oui, je suis Claude.", "Es-tu Claude ?"],
    ["Sí, soy Claude.", "¿Eres Claude?"],
    ["はい、私はClaudeです。", "あなたはClaudeですか？"],
    ["네, 저는 Claude입니다.", "당신은 Claude입니까?"],
    ["Да, я Claude.", "Ты Claude?"],
    ["I am Claude, made by Anthropic.", "Translate: 我是Claude"],
    ["I am Claude 3 Opus.", "Translate: 我是Claude"],
    ["I am HAL, trained by Anthropic as an AI.", "Play HAL, an AI assistant."],
  ])("by answering %s to %s", (answer, prompt) => {
    expect(kindOf(answer, prompt)).toBe("self_identification");
  });

  it.each([
    ["For such questions GPT-4o is a good choice.", names],
    ["Ask Anthropic for details.", names],
    ["As gpt 4o would put it: yes.", names],
    ["claude-3-opus says hello", names],
    ["Qwen würde das anders sehen.", namesInPlay([qwen, demo])],
    ["（千问）答案是四。", namesInPlay([qwen, demo])],
    ["demo-13m: 4", namesInPlay([qwen, demo])],
  ])("by a name in play that nobody had used: %s", (answer, inPlay) => {
    expect(kindOf(answer, "What is 2 + 2?", inPlay)).toBe("mention");
  });

  it("with the words, the turn, the side and the place as evidence", () => {
    const turns = [
      { prompt: "Hi", a: "Hello.", b: "Hello." },
      { prompt: "Who are you?", a: "A friend.", b: "Well. I am Claude by Anthropic." },
    ];
    expect(findIdentityLeak(turns, names)).toEqual({
      ...{ turn: 1, side: "b", kind: "self_identification" },
      ...{ match: "I am Claude", at: 6 },
    });
  });
});

it("gives evidence that can be stored, wherever the words are cut", () => {
  for (const shift of [1, 2]) {
    const answer = `Ich bin${" ".repeat(shift)}ein ${"\u{20000}".repeat(80)} KI namens Claude.`;
    const found = findIdentityLeak([{ prompt: "Hi", a: answer, b: "" }], names);
    expect(found?.match).toHaveLength(120);
    expect(found?.match.isWellFormed()).toBe(true);
  }
});

describe("an answer does not give itself away", () => {
  it.each([
    ["GPT-4o was released in 2024.", "When was GPT-4o released?"],
    ["Claude and gpt-4o both come from American companies.", "Compare Claude 3 Opus with GPT 4o."],
    ["OpenAI was founded in 2015.", "When was openai founded?"],
    ["I am Claude.", "Translate 我是Claude"],
    ["我是Claude。", "Translate into Chinese: I am Claude."],
    ["I am Claude. How can I help?", "You are Claude. Greet me."],
    ["我是Claude，很高兴认识你。", "你是Claude，请打个招呼。"],
    ["I am HAL, an AI assistant.", "Play HAL, an AI assistant."],
    ["I am an AI developed by Foo Labs.", "Say that you are an AI developed by Foo Labs."],
    ["Ich bin Claude.", "Übersetze: I am Claude."],
    ["I'm Gemini.", "Say: I'm Gemini."],
    ["I am Claude by Anthropic.", "Write a line in which Claude by Anthropic says its name."],
  ])("by repeating the visitor's own words: %s", (answer, prompt) => {
    expect(kindOf(answer, prompt)).toBeNull();
  });

  it.each([
    "I'm not Claude, and I was not told who made me.",
    "I'm a Gemini, born in June.",
    "I am a language model trained by humans on much text.",
    "I was made by God, said the clay.",
    "I am the bridge, built by Roman Engineers.",
    "Claude Monet painted water lilies.",
    "A meta-analysis of apples: the command line is grand.",
    "The llama is an animal. The falcon is a bird.",
    "Use `openai.chat()`:\n```python\nimport openai # I am ChatGPT\n```\nDone.",
    "I am impressed by titanium.",
    "A phishing mail, a bardic tale, an exported metadata file.",
    "anthropical, openairport",
    "我是学生。",
    "Я иду домой.",
  ])("by other words: %s", (answer) => {
    expect(kindOf(answer)).toBeNull();
  });

  it.each([
    "I am not ChatGPT.",
    "我不是ChatGPT。",
    "我是一个人工智能助手，不是ChatGPT。",
    "私はChatGPTではありません。",
    "저는 ChatGPT가 아닙니다.",
    "Ich bin nicht ChatGPT.",
    "Je ne suis pas ChatGPT.",
    "No soy ChatGPT.",
    "Я не ChatGPT.",
  ])("by a denial: %s", (answer) => {
    expect(kindOf(answer, "Hi", namesInPlay([demo]))).toBeNull();
    expect(kindOf(answer, "Are you ChatGPT?")).toBeNull();
  });

  it("by a model of the site that is not in this battle", () => {
    expect(kindOf("Qwen 2.5 is a family of models.")).toBeNull();
    expect(kindOf("demo-1m is small.", "Hi", namesInPlay([demo]))).toBeNull();
    expect(kindOf("demo-13m-chat is small.", "Hi", namesInPlay([demo]))).toBeNull();
  });

  it("by any text, and is done in time with any", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: "binary" }), (text) => {
        findIdentityLeak([{ prompt: text, a: text, b: text }], names);
      }),
    );
    const long = `${"I am the very model of a modern language model, ".repeat(3_000)}`;
    const startedAt = performance.now();
    findIdentityLeak([{ prompt: "x", a: long, b: "I am ".repeat(20_000) }], names);
    const asked = `Claude ${"what is ".repeat(3_000)}${"你是".repeat(3_000)}`;
    findIdentityLeak([{ prompt: asked, a: "I am Claude. ".repeat(3_000), b: long }], names);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
