/**
 * What kind of battle a vote judges, and how its answers are written: cheap rules over the battle's text, pure and
 * deterministic. `categoryRules` names the rules; stored beside each result, so that a change of the rules is seen and
 * old votes can be found and done again.
 */
export { type BattleText, categorize, categoryRules, type VoteFacts } from "./categorize";
export { addStyles, countStyle, type Style, styleRules } from "./style";
