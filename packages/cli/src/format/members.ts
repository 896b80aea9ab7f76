import type { Member } from '@tserf/client';
import { formatHostPort } from './address.js';
import { formatColumns, trimSpace } from './columns.js';
import { formatJson, type JsonValue } from './json.js';
import { compareText, sortedEntries } from './order.js';
import { showValue } from './quote.js';
