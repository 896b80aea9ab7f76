import { defineProject } from 'vitest/config';
import { realProcesses } from '../real-processes.ts';

export default defineProject(realProcesses('system', 2));
