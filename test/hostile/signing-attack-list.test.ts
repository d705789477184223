import { testAttacks } from './attack.ts';
import { loose, more } from './signing-attack-ideas.ts';
import { known } from './signing-attack-list.ts';

testAttacks('attacks', { known, loose, more });
