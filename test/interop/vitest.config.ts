import { defineProject } from 'vitest/config';
import { realProcesses } from '../real-processes.ts';

const { test } = realProcesses('interop');

// Most of these tests wait for timers of the protocol: two files at a time take little more than one.
export default defineProject({ test: { ...test, fileParallelism: true, maxWorkers: 2 } });
