import { afterEach, describe } from 'vitest';
import { tserf } from '../harness/agents.ts';
import { everyCommand } from '../harness/every-command.ts';
import { endAll } from '../harness/processes.ts';

afterEach(endAll);

describe('the client with agents of our own', () => everyCommand(tserf));
