import type { ProviderQuestion } from './answer.ts';

/** What the Provider that asks a question is called, where nobody calls it otherwise. */
export function providerName(question: ProviderQuestion): string {
  return `seaworthy-${question}`;
}
