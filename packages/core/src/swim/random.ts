/** Uniform in [0, 1). The shell hands in a real source, the simulator a seeded one. */
export type Random = () => number;
