import { countTokens } from "./tokens";

/** What a person asks for, from the prompts alone: what the models answered must not decide it. */

const hasFence = (text: string): boolean => /^ {0,3}(?:```|~~~)/m.test(text);

/** Things that stand in source code and hardly anywhere else. */
const codeSyntax =
  /\bdef \w+\(|\bfunction\s*\w*\s*\(|\bclass \w+\s*[:{(]|\bimport [\w.{*]|#include\s*<|\bpublic static\b|\bSELECT\b[^.]{1,200}\bFROM\b|=>\s*[{(\w]|\bconsole\.log\b|\breturn [\w"'[({]+;|<\/[a-z]{1,10}>|\b(?:const|let|var) \w+ ?=|\w\(\)|Traceback \(most recent|\b\w+(?:Error|Exception)\b/;

const programmingWord =
  /\b(?:python|javascript|typescript|java|kotlin|golang|c\+\+|c#|rust|ruby|php|haskell|sql|bash|powershell|html|css|regex|regular expression|numpy|pandas|react|django|node\.js|docker|kubernetes|git|api|json|yaml|compiler?|debug(?:ging)?|refactor|unit tests?|algorithm|recursion|pseudocode|source code|programming|stack ?overflow|leetcode)\b|代码|编程|函数|算法|程序|脚本|正则|コード|プログラム/gi;

const programmingTask =
  /\b(?:write|implement|fix|debug|refactor|optimi[sz]e|explain|convert|create|code|program|script|function|method|class|query|bug)\b|写|实现|修复|优化|解释/i;

/** Code: a code block, something only code has, or a task that names two things of programming, or one with a task. */
export function isAboutCode(text: string): boolean {
  if (hasFence(text) || codeSyntax.test(text)) return true;
  const words = new Set(text.match(programmingWord)?.map((word) => word.toLowerCase()));
  return words.size >= 2 || (words.size === 1 && programmingTask.test(text));
}

const formula =
  /\\(?:frac|int|sum|prod|sqrt|lim|begin\{(?:matrix|equation|align|cases))|\$[^$\n]*[\\^_=][^$\n]*\$|\b\d*[a-z](?:\^\d+|²|³)?\s*[-+*/]\s*\d+\s*=|\b[fgh]\(x\)\s*=|[∫∑∏√∂∇≤≥∈∀∃]/i;
/** Two numbers with a sign of arithmetic; a minus or slash without spaces is as likely a date or a range. */
const arithmetic = /\d\s*[+*×÷^]\s*\d|\d\s+[-−/]\s+\d|\d\s*%\s+of\s+\d/;
const mathWord =
  /\b(?:equation|derivative|integral|integrate|differentiate|eigenvalues?|matri(?:x|ces)|polynomial|theorem|lemma|probability|modulo|prime numbers?|factori[sz]e|logarithm|trigonometry|geometry|algebra|calculus|arithmetic|hypotenuse|permutations?|combinatorics|square root|greatest common divisor|arithmetic mean|standard deviation)\b|方程|导数|积分|微积分|矩阵|定理|概率|质数|几何|代数|求解|証明|方程式/i;
const mathTask =
  /\b(?:solve for|prove that|how many .{1,80}\d|calculate|compute the|evaluate the|what is the (?:sum|product|remainder|area|volume|average)\b|simplify)\b|计算|证明|多少.*\d|等于/i;

/** Mathematics: a formula, arithmetic, a term of mathematics, or a task of calculation with numbers in it. */
export function isAboutMath(text: string): boolean {
  if (formula.test(text) || arithmetic.test(text) || mathWord.test(text)) return true;
  return mathTask.test(text) && /\d/.test(text);
}

const creative =
  /\b(?:write|compose|draft|create|tell|make up|continue|give me)\b[^.\n]{0,60}\b(?:stor(?:y|ies)|poems?|songs?|lyrics|haikus?|limericks?|sonnets?|novel|screenplay|dialogue|fairy ?tale|fan ?fiction|rap|verses?|jokes?|monologue)\b|(?:写|编|创作|讲)[^。\n]{0,20}(?:故事|诗|小说|歌词|剧本|童话|笑话|俳句)|(?:物語|小説|俳句|詩)を(?:書|作)/i;

/** Creative writing: asks for a story, a poem or the like. */
export function isCreative(text: string): boolean {
  return creative.test(text);
}

/** From so many tokens on a prompt is long. */
const longPromptTokens = 500;

export function isLong(prompt: string): boolean {
  return countTokens(prompt) >= longPromptTokens;
}

const constraint =
  /\b(?:must|at least|at most|exactly|no more than|without|only use|avoid|do not|don't|instead of|in the style of|format(?:ted)?|bullet points?|table|json|csv|step[- ]by[- ]step|words? or (?:less|fewer)|in \d+ (?:words|sentences|lines|paragraphs)|limit)\b|必须|至少|不超过|不要|格式|表格|步骤|字以内/gi;
const reasoning =
  /\b(?:why|how (?:do|does|can|would|should|to)|prove|derive|debug|optimi[sz]e|compare|contrast|analy[sz]e|evaluate|design|diagnose|trade-?offs?|explain|justify|solve|plan|estimate|critique)\b|为什么|如何|怎么|证明|比较|分析|设计|优化|解释|评估/i;
const artefact =
  /\b(?:write|implement|design|draft|create|build|develop|generate|produce|plan|translate|summari[sz]e|rewrite|propose)\b|写|实现|设计|起草|创建|生成|制定|翻译|总结/i;
const expertise =
  /\b(?:quantum|thermodynamic\w*|molecul\w*|enzyme\w*|protein\w*|genom\w*|clinical|diagnos\w*|pharmac\w*|statut\w*|contract law|liability|jurisdiction|macroeconom\w*|monetary|amorti[sz]ation|derivatives?|regression|bayesian|neural network\w*|transformer|distributed|concurren\w*|latency|throughput|encryption|protocol|kernel|circuit|semiconductor|structural|aerodynamic\w*|epistemolog\w*|ontolog\w*|historiograph\w*)\b|量子|蛋白质|临床|法律|宏观经济|神经网络|分布式|加密|半导体/i;

/**
 * Hard prompt: at least four of five criteria hold. Specific: two constraints on the answer, or one with a number. Complex:
 * 40 tokens or more, or three sentences. Reasoning: asks why, how, to prove, compare, design, diagnose … Expertise: code,
 * mathematics or a term of a field. Product: asks for a piece of work. The criteria follow the published ones
 * (specificity, complexity, problem solving, domain knowledge, real-world use), told by words instead of a model.
 *
 * Source: Li et al., From crowdsourced data to high-quality benchmarks: Arena-Hard, arXiv:2406.11939 (2024), section 3.
 */
export function isHard(prompt: string): boolean {
  const constraints = prompt.match(constraint)?.length ?? 0;
  const sentences = prompt.split(/[.!?。！？]+(?:\s|$)|\n+/).filter((part) => part.trim().length > 8).length;
  const criteria = [
    constraints >= 2 || (constraints === 1 && /\d/.test(prompt)),
    countTokens(prompt) >= 40 || sentences >= 3,
    reasoning.test(prompt),
    isAboutCode(prompt) || isAboutMath(prompt) || expertise.test(prompt),
    artefact.test(prompt),
  ];
  return criteria.filter(Boolean).length >= 4;
}
