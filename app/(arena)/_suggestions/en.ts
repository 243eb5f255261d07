import type { LocaleSuggestions } from "./types";

export const en: LocaleSuggestions = {
  labels: {
    writing: "Writing",
    code: "Code",
    mathematics: "Mathematics",
    reasoning: "Reasoning",
    translation: "Translation",
    everyday: "Everyday",
  },
  general: {
    writing: [
      {
        title: "Explain tides to a ten-year-old",
        prompt:
          "Explain to a ten-year-old why the sea has tides, and why there are usually two high tides a day and not one. Use one everyday comparison, and at most 200 words.",
      },
      {
        title: "A resignation letter, warm but brief",
        prompt:
          "Write a letter of resignation, warm but brief, from a nurse who leaves a small clinic after six years to care for her father. Last day: 30 June. No clichés.",
      },
      {
        title: "Six words that tell a whole story",
        prompt:
          "Tell a whole story in exactly six words. Give five different ones, each with a different mood, and name the mood.",
      },
    ],
    code: [
      {
        title: "Find the race in this Go snippet",
        prompt:
          'Find the data race in this Go program, explain when it bites, and fix it with the smallest change:\n\n```go\npackage main\n\nimport (\n\t"fmt"\n\t"sync"\n)\n\nfunc main() {\n\tcounts := map[string]int{}\n\tvar wg sync.WaitGroup\n\tfor _, word := range []string{"a", "b", "a", "c"} {\n\t\twg.Add(1)\n\t\tgo func(w string) {\n\t\t\tdefer wg.Done()\n\t\t\tcounts[w]++\n\t\t}(word)\n\t}\n\twg.Wait()\n\tfmt.Println(counts)\n}\n```',
      },
      {
        title: "SQL for weekly retention by cohort",
        prompt:
          "PostgreSQL. Table `events(user_id bigint, happened_at timestamptz)`. Write one query that gives weekly retention by cohort: a row for each week of a user's first event, and columns week 0 to week 8 with the share of the cohort that was active in that week. Explain each step in one line.",
      },
      {
        title: "A regex for ISO 8601 durations",
        prompt:
          "Write a regular expression (JavaScript) that matches ISO 8601 durations such as P3Y6M4DT12H30M5S, P2W and PT0.5S, and refuses P, PT and P1S. Name its groups and list the test cases.",
      },
    ],
    mathematics: [
      {
        title: "Prove that √2 + √3 is irrational",
        prompt:
          "Prove that √2 + √3 is irrational. Give a proof that a first-year student can follow, and say where it would fail for √4 + √9.",
      },
      {
        title: "Tile a 2 × 10 board with dominoes",
        prompt:
          "In how many ways can a 2 × 10 board be tiled with dominoes? Derive the recurrence, and explain why it is the right one.",
      },
      {
        title: "Why is the median robust?",
        prompt:
          "Why is the median robust against outliers and the mean is not? Give the breakdown point of both, with a numeric example of seven values.",
      },
    ],
    reasoning: [
      {
        title: "Three switches, one bulb, one trip",
        prompt:
          "Three switches are downstairs, one of them controls a bulb upstairs. You may set the switches as you like, but go up only once. How do you find out which one it is? Then: what changes if the bulb is an LED that stays cold?",
      },
      {
        title: "Which contract favours the tenant?",
        prompt:
          "Contract A: rent 1,000 a month, rises 3 % each year, notice of the tenant one month, deposit two rents. Contract B: rent 1,060 a month, fixed for four years, notice three months, deposit one rent. Which one favours a tenant who will probably stay two years, and which one who stays four? Show the sums and state what you assume.",
      },
      {
        title: "What is wrong with this argument?",
        prompt:
          "What is wrong with this argument? “Every student who passed had bought the textbook. Mara bought the textbook. So Mara will pass. And since the book helps everyone, the school should sell it to all, and everyone will pass.” Name each fallacy and repair what can be repaired.",
      },
    ],
    translation: [
      {
        title: "A haiku by Bashō, three ways",
        prompt:
          "Translate this haiku by Bashō into English in three ways (literal, in 5-7-5 syllables, free), and say what each loses:\n\n古池や蛙飛びこむ水の音",
      },
      {
        title: "把这段说明书改写成自然的英文",
        prompt:
          "把这段说明书改写成自然的英文，不要逐字翻译：\n\n本产品首次使用前，请务必充电 8 小时以上。充电过程中机身微热属正常现象，请放心使用。如长期不用，请每三个月充电一次，以免影响电池寿命。",
      },
      {
        title: "An idiom that has no equivalent",
        prompt:
          "Choose an idiom from any language that has no equivalent in English. Give it word for word, say what it means and when one says it, and suggest how a novel's translator could handle it.",
      },
    ],
    everyday: [
      {
        title: "Dinner from eggs, rice and spinach",
        prompt:
          "I have eggs, cold rice, spinach, an onion and soy sauce. Suggest two dinners for two people that take at most 25 minutes, with steps.",
      },
      {
        title: "Two rainy days in Lisbon with a toddler",
        prompt:
          "Plan two rainy days in Lisbon with a two-year-old who naps from one to three. Few journeys, one indoor place a half-day, and where to eat nearby.",
      },
      {
        title: "Questions to ask before I sign a lease",
        prompt:
          "Which questions should I ask before I sign a lease for a flat in an old building? Give at most ten, the most costly omissions first, each with the reason.",
      },
    ],
  },
  demoLabels: {
    writing: "Small stories",
    code: "Code",
    mathematics: "Sums",
    reasoning: "Numbers and words",
    translation: "Translation",
    everyday: "Facts and lists",
  },
  demo: {
    writing: [
      { title: "A short story about a fox", prompt: "Tell me a short story about a fox." },
      { title: "A story about a robot", prompt: "Write a short story about a robot." },
      { title: "A joke", prompt: "Tell me a joke" },
    ],
    code: [
      { title: "Count vowels in Python", prompt: "I need a Python function to count vowels." },
      {
        title: "Add up a list in Python",
        prompt: "I need a Python function to add up all numbers in a list.",
      },
      { title: "Reverse a string in Python", prompt: "Write a Python function to reverse a string." },
    ],
    mathematics: [
      { title: "58 + 67", prompt: "What is 58 + 67?" },
      { title: "93 − 38", prompt: "Please work out 93 - 38." },
      { title: "43 × 7", prompt: "Please work out 43 × 7." },
    ],
    reasoning: [
      { title: "Sort 36, 55, 4, 73, 47", prompt: "Sort these numbers: 36, 55, 4, 73, 47" },
      { title: "Reverse the word luggage", prompt: "Reverse the word luggage" },
      { title: "The opposite of optimistic", prompt: 'Which word means the opposite of "optimistic"?' },
    ],
    translation: [
      { title: "“Thank you” in French", prompt: 'Please give me the French word for "thank you".' },
      { title: "“Sun” in Spanish", prompt: 'Please give me the Spanish word for "sun".' },
      { title: "“Night” in German", prompt: 'Please give me the German word for "night".' },
    ],
    everyday: [
      { title: "The capital of Finland", prompt: "I forgot the capital city of Finland. Which city is it?" },
      {
        title: "A table of three capitals",
        prompt: "Draw a table of Serbia, Germany and Iraq and their capitals",
      },
      { title: "Four breakfast foods as a list", prompt: "Write 4 breakfast foods as a bullet list" },
    ],
  },
};
