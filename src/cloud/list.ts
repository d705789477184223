import { amazon } from './amazon/cloud.ts';
import { azure } from './azure/cloud.ts';
import type { Cloud } from './cloud.ts';
import { google } from './google/cloud.ts';

/** All clouds whose registries are known. No host is one of two of them. */
export const clouds: readonly Cloud[] = [amazon, azure, google];
