/**
 * Families of models and who makes them, as answers name them. `own` are words that hardly mean anything else: saying one is
 * telling. `plain` are also ordinary words or large companies: they tell only where an answer speaks of itself.
 */
export type Family = {
  /** What a model's name or display name begins with or holds, in lower case. */
  marks: readonly string[];
  own: readonly string[];
  plain: readonly string[];
};

export const families: readonly Family[] = [
  {
    marks: ["gpt-3", "gpt-4", "gpt-5", "gpt4", "chatgpt", "gpt-oss", "davinci"],
    own: ["ChatGPT", "OpenAI", "GPT-3", "GPT-3.5", "GPT-4", "GPT-4o", "GPT-5"],
    plain: ["GPT"],
  },
  { marks: ["claude"], own: ["Anthropic"], plain: ["Claude"] },
  {
    marks: ["gemini", "gemma", "palm", "bard"],
    own: ["Google DeepMind", "DeepMind", "Google AI"],
    plain: ["Gemini", "Gemma", "PaLM", "Bard", "Google", "谷歌"],
  },
  {
    marks: ["llama", "vicuna", "alpaca"],
    own: ["Meta AI", "LMSYS"],
    plain: ["Llama", "LLaMA", "Meta", "Vicuna"],
  },
  {
    marks: ["qwen", "qwq"],
    own: ["Qwen", "Tongyi Qianwen", "通义千问", "通義千問", "千问", "阿里云", "Alibaba Cloud"],
    plain: ["Alibaba", "Alibaba Group", "阿里巴巴"],
  },
  { marks: ["deepseek"], own: ["DeepSeek", "DeepSeek-AI", "深度求索"], plain: [] },
  {
    marks: ["glm", "zhipu"],
    own: ["ChatGLM", "Zhipu", "Zhipu AI", "智谱", "智谱AI", "智谱清言", "Z.ai"],
    plain: ["GLM"],
  },
  {
    marks: ["ernie", "wenxin"],
    own: ["ERNIE Bot", "文心一言", "文心大模型"],
    plain: ["Ernie", "Baidu", "百度"],
  },
  { marks: ["hunyuan"], own: ["Hunyuan", "混元", "腾讯混元"], plain: ["Tencent", "腾讯"] },
  { marks: ["doubao", "seed"], own: ["Doubao", "豆包"], plain: ["ByteDance", "字节跳动"] },
  { marks: ["kimi", "moonshot"], own: ["Moonshot AI", "月之暗面"], plain: ["Kimi", "Moonshot"] },
  { marks: ["yi-", "yi1"], own: ["01.AI", "零一万物"], plain: ["Yi"] },
  { marks: ["baichuan"], own: ["Baichuan", "百川智能"], plain: ["百川"] },
  { marks: ["internlm"], own: ["InternLM", "书生浦语", "书生·浦语"], plain: ["上海人工智能实验室"] },
  { marks: ["minimax", "abab"], own: ["MiniMax"], plain: ["稀宇科技"] },
  { marks: ["spark"], own: ["讯飞星火", "科大讯飞"], plain: ["iFlytek"] },
  {
    marks: ["mistral", "mixtral", "ministral", "codestral", "pixtral"],
    own: ["Mixtral", "Mistral AI", "Ministral"],
    plain: ["Mistral"],
  },
  {
    marks: ["command-r", "command-a", "aya", "cohere"],
    own: ["Cohere", "Command R", "Command R+"],
    plain: ["Command", "Aya", "Coral"],
  },
  { marks: ["grok"], own: ["xAI"], plain: ["Grok"] },
  {
    marks: ["phi-", "phi3", "copilot", "wizardlm", "bing"],
    own: ["WizardLM", "Bing Chat"],
    plain: ["Phi", "Copilot", "Microsoft", "微软"],
  },
  { marks: ["nova-", "titan"], own: ["Amazon Nova", "Amazon Titan"], plain: ["Amazon", "Titan", "亚马逊"] },
  { marks: ["falcon"], own: ["Technology Innovation Institute"], plain: ["Falcon", "TII"] },
  { marks: ["yandex", "alice"], own: ["YandexGPT", "ЯндексGPT"], plain: ["Yandex", "Яндекс", "Алиса"] },
  { marks: ["gigachat"], own: ["GigaChat", "ГигаЧат"], plain: ["Sber", "Сбер"] },
  {
    marks: ["hyperclova", "clova"],
    own: ["HyperCLOVA", "HyperCLOVA X", "하이퍼클로바"],
    plain: ["Naver", "네이버"],
  },
  { marks: ["exaone"], own: ["EXAONE", "LG AI Research", "엑사원"], plain: ["LG"] },
  { marks: ["solar"], own: ["Upstage"], plain: ["Solar", "업스테이지"] },
  { marks: ["granite"], own: ["IBM Granite", "IBM Research"], plain: ["Granite", "IBM"] },
  { marks: ["nemotron"], own: ["Nemotron"], plain: ["NVIDIA"] },
  { marks: ["olmo", "tulu"], own: ["OLMo", "Allen Institute for AI"], plain: ["Ai2", "Tülu"] },
  { marks: ["smollm", "zephyr"], own: ["SmolLM", "Hugging Face"], plain: ["Zephyr"] },
  { marks: ["jamba", "jurassic"], own: ["AI21", "AI21 Labs"], plain: ["Jamba"] },
  { marks: ["inflection", "pi-"], own: ["Inflection AI"], plain: ["Inflection"] },
  { marks: ["step-"], own: ["StepFun", "阶跃星辰"], plain: [] },
];

/** Every known word, for answers that say who they are: whoever they claim to be, the battle is no longer blind. */
export const knownNames: readonly string[] = [
  ...new Set(families.flatMap(({ own, plain }) => [...own, ...plain])),
];
