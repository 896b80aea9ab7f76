/** Levels of an agent's log, as its flags take them. */
export const logLevels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'err'];

/** Sets of timings, for networks of different speed. */
export const profiles: readonly string[] = ['lan', 'wan', 'local'];
