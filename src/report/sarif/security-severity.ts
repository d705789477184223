import type { Severity } from '../../finding/severity.ts';
