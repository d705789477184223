import { testAttacks } from './attack.ts';
import { proxied } from './proxy-attack-list.ts';
import { known, more } from './registry-attack-list.ts';

testAttacks('attacks on the registry', { known, more, proxied });
