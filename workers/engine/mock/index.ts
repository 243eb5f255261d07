export { MockEngine, type MockEngineOptions } from "./mock-engine";
export {
  isScenarioName,
  requestedScenario,
  type Scenario,
  type ScenarioFault,
  type ScenarioName,
  scenarioNames,
  scenarios,
  scenarioText,
} from "./scenarios";
