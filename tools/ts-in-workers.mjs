// Gives worker threads TypeScript when the code runs from source: `--import tsx` reaches the main thread alone.
import { register } from 'tsx/esm/api';

register();
