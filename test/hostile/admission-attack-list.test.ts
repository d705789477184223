import { testAttacks } from './attack.ts';
import { known, loose, ways } from './admission-attack-list.ts';
import { places } from './admission-attack-places.ts';
import { providers } from './gatekeeper-attack-list.ts';

testAttacks('attacks on admission', { known, loose, ways, providers, places });
