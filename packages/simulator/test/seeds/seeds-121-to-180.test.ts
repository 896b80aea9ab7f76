import { checkSeeds } from './check-seeds.js';

checkSeeds(121, 180);
