import { dockerfileFormat } from './dockerfile/format.ts';
import type { ConfigFormat } from './format.ts';

/** Every kind of file that is checked. The first that knows a file checks it. */
export const configFormats: readonly ConfigFormat[] = [dockerfileFormat];
