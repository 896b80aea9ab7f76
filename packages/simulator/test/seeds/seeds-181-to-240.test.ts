import { checkSeeds } from './check-seeds.js';

checkSeeds(181, 240);
