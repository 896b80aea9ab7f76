#!/usr/bin/env node
// Plain JavaScript, so that it runs as it is: it turns on the compile cache where Node has one (22.1 and later),
// before the first module of ours is compiled, and hands the process over. All commands and the client are one file by
// then: some fifty, loaded one by one, cost a command a third of its time.
import module from 'node:module';

module.enableCompileCache?.();
const { runProcess } = await import('../dist/bundle/process.js');
await runProcess();
