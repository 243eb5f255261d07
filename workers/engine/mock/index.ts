export { MockEngine } from "./mock-engine";
export { isScenarioName, type ScenarioName, scenarioNames, scenarios, scenarioText } from "./scenarios";
