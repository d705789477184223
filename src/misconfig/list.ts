import { dockerfileFormat } from './dockerfile/format.ts';
import type { ConfigFormat } from './format.ts';
import { kubernetesFormat } from './kubernetes/format.ts';

/** Every kind of file that is checked. The first that knows a file checks it. */
export const configFormats: readonly ConfigFormat[] = [dockerfileFormat, kubernetesFormat];
