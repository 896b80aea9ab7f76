export { calmNetwork, type NetworkCounters, type NetworkModel } from './network.js';
export { randomScenario } from './random-scenario.js';
export { RandomSource } from './random-source.js';
export type { Delivery, KeyOutcome, Observation, QueryOutcome, Result } from './result.js';
export { type Fault, type Nodes, nodeNames, type Scenario, type Step } from './scenario.js';
export { simulate } from './simulate.js';
export { describeFailure, replayCommand } from './story.js';
export type { Rule, Violation } from './violation.js';
