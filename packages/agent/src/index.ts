export type { AgentFlags } from './flags.js';
