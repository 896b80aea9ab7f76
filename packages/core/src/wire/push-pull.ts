import type { PushPullState } from './messages.js';
export function encodePushPull(state: PushPullState): Uint8Array { void state; throw new Error('being written'); }
export function decodePushPull(body: Uint8Array): PushPullState { void body; throw new Error('being written'); }
