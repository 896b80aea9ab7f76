import { checkSeeds } from './check-seeds.js';

checkSeeds(61, 120);
