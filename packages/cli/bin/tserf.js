#!/usr/bin/env node
// Plain JavaScript, so that it runs as it is: it turns on the compile cache where Node has one (22.1 and later),
// before the first module of ours is compiled, and hands the process over.
import module from 'node:module';

module.enableCompileCache?.();
const { runProcess } = await import('../dist/process.js');
await runProcess();
