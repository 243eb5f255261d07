import type { LocaleSuggestions } from "./types";

export const zh: LocaleSuggestions = {
  labels: {
    writing: "写作",
    code: "编程",
    mathematics: "数学",
    reasoning: "推理",
    translation: "翻译",
    everyday: "生活",
  },
  general: {
    writing: [
      {
        title: "给十岁孩子讲讲潮汐",
        prompt:
          "给十岁的孩子讲讲海水为什么会涨潮退潮，为什么一天通常有两次高潮而不是一次。打一个生活中的比方，不超过三百字。",
      },
      {
        title: "一封简短而体面的辞职信",
        prompt:
          "写一封简短而体面的辞职信：一位护士在小诊所工作六年，因照顾父亲离职，最后工作日为 6 月 30 日。语气温和，不用套话。",
      },
      {
        title: "用六个字讲完一个故事",
        prompt: "用正好六个字讲完一个故事。写五个，每个情绪不同，并注明情绪。",
      },
    ],
    code: [
      {
        title: "找出这段 Go 代码里的竞态",
        prompt:
          '找出这段 Go 程序里的数据竞态，说明什么时候会出问题，并用最小的改动修好它：\n\n```go\npackage main\n\nimport (\n\t"fmt"\n\t"sync"\n)\n\nfunc main() {\n\tcounts := map[string]int{}\n\tvar wg sync.WaitGroup\n\tfor _, word := range []string{"a", "b", "a", "c"} {\n\t\twg.Add(1)\n\t\tgo func(w string) {\n\t\t\tdefer wg.Done()\n\t\t\tcounts[w]++\n\t\t}(word)\n\t}\n\twg.Wait()\n\tfmt.Println(counts)\n}\n```',
      },
      {
        title: "按用户分组统计每周留存的 SQL",
        prompt:
          "PostgreSQL，表 `events(user_id bigint, happened_at timestamptz)`。写一条查询，按用户首次出现的那一周分组，给出第 0 周到第 8 周的留存率，每组一行。每一步用一句话说明。",
      },
      {
        title: "匹配 ISO 8601 时长的正则",
        prompt:
          "写一个 JavaScript 正则，匹配 ISO 8601 时长，例如 P3Y6M4DT12H30M5S、P2W、PT0.5S，并拒绝 P、PT、P1S。说明各个分组，并列出测试用例。",
      },
    ],
    mathematics: [
      {
        title: "证明 √2 + √3 是无理数",
        prompt: "证明 √2 + √3 是无理数。要让大一学生看得懂，并指出同样的证明用在 √4 + √9 上会在哪一步失败。",
      },
      {
        title: "多米诺骨牌铺满 2 × 10 棋盘",
        prompt: "用多米诺骨牌铺满 2 × 10 的棋盘，一共有多少种铺法？推导递推式，并解释为什么它是对的。",
      },
      {
        title: "为什么中位数更稳健？",
        prompt: "为什么中位数对异常值稳健，而平均数不稳健？给出两者的崩溃点，并用七个数举例。",
      },
    ],
    reasoning: [
      {
        title: "三个开关一盏灯，只上楼一次",
        prompt:
          "楼下有三个开关，其中一个控制楼上的灯。开关可以随便拨，但只能上楼一次。怎样知道是哪一个？如果那是一盏不发热的 LED 灯，又该怎么办？",
      },
      {
        title: "这两份合同哪一份对租客有利？",
        prompt:
          "合同甲：月租 1000，每年涨 3 %，租客提前一个月通知即可退租，押金两个月。合同乙：月租 1060，四年不变，提前三个月通知，押金一个月。大概住两年的租客选哪份有利？住四年的呢？写出计算过程和你的假设。",
      },
      {
        title: "这段论证错在哪里？",
        prompt:
          "这段论证错在哪里？“通过考试的学生都买了这本书。小李买了这本书，所以小李会通过。既然这本书对每个人都有帮助，学校应当卖给所有人，这样人人都会通过。”指出每一处谬误，能补救的请补救。",
      },
    ],
    translation: [
      {
        title: "把《静夜思》译成英文并说明取舍",
        prompt:
          "把李白《静夜思》译成英文，给出直译和意译两个版本，并说明各自舍弃了什么：\n\n床前明月光，疑是地上霜。\n举头望明月，低头思故乡。",
      },
      {
        title: "Turn this manual page into Chinese",
        prompt:
          "Turn this manual page into natural Chinese, not word for word:\n\nBefore first use, charge the device for at least eight hours. It is normal for the casing to feel warm while charging. If the device is stored for a long time, charge it once every three months to preserve the life of the battery.",
      },
      {
        title: "一个译不出来的成语",
        prompt: "选一个很难译成英文的成语，解释它的字面意思、来历和用法，并为小说译者建议三种处理办法。",
      },
    ],
    everyday: [
      {
        title: "鸡蛋、米饭、菠菜做一顿晚饭",
        prompt:
          "家里有鸡蛋、剩米饭、菠菜、一个洋葱和酱油。推荐两道两人份的晚饭，每道不超过 25 分钟，写出步骤。",
      },
      {
        title: "带幼儿在里斯本过两个雨天",
        prompt:
          "带一个每天一点到三点午睡的两岁孩子，在里斯本过两个雨天。少换地方，半天安排一个室内去处，并推荐附近吃饭的地方。",
      },
      {
        title: "签租约之前该问哪些问题？",
        prompt: "租老楼里的房子，签约之前该问哪些问题？最多十个，把漏问代价最大的放在前面，每个说明原因。",
      },
    ],
  },
  demoLabels: {
    writing: "故事与解释",
    code: "编程",
    mathematics: "算术",
    reasoning: "数字与单词",
    translation: "翻译",
    everyday: "常识与列表",
  },
  demo: {
    writing: [
      { title: "讲一个小故事", prompt: "给我讲一个小故事。" },
      { title: "天空为什么是蓝色的？", prompt: "天空为什么是蓝色的？" },
      { title: "讲个笑话", prompt: "给我讲个笑话。" },
    ],
    code: [
      { title: "用 Python 数元音字母", prompt: "I need a Python function to count vowels." },
      { title: "用 Python 求列表之和", prompt: "I need a Python function to add up all numbers in a list." },
      { title: "用 Python 反转字符串", prompt: "Write a Python function to reverse a string." },
    ],
    mathematics: [
      { title: "58 + 67", prompt: "58 + 67 等于多少？" },
      { title: "93 − 38", prompt: "93 - 38 等于多少？" },
      { title: "6 × 8", prompt: "6 × 8 等于多少？" },
    ],
    reasoning: [
      { title: "给 36, 55, 4, 73, 47 排序", prompt: "Sort these numbers: 36, 55, 4, 73, 47" },
      { title: "把 luggage 倒着写", prompt: "Reverse the word luggage" },
      { title: "optimistic 的反义词", prompt: 'Which word means the opposite of "optimistic"?' },
    ],
    translation: [
      { title: "“谢谢”用英语怎么说", prompt: "“谢谢”用英语怎么说？" },
      { title: "water 用中文怎么说", prompt: 'How do you say "water" in Chinese?' },
      { title: "把 hello 翻译成中文", prompt: "把 hello 翻译成中文" },
    ],
    everyday: [
      { title: "法国的首都是哪里", prompt: "法国的首都是哪里？" },
      { title: "列出三国首都的表格", prompt: "Draw a table of Serbia, Germany and Iraq and their capitals" },
      { title: "一周有几天？", prompt: "一周有几天？" },
    ],
  },
};
