import type { EgressPolicy } from '../../policy/model.ts';
import { memberOf, readPlainYaml } from '../../node/plain-yaml.ts';
import type { GeneratedFile, TargetName } from '../target.ts';
import { allowList, rangeTexts } from './allow-list.ts';

/** Reads documents back, and says which kind or which network of the policy is not in them, or which is in them and in no policy. */
export async function verifyYamlRanges(
  [file]: readonly GeneratedFile[],
  policy: EgressPolicy,
  target: TargetName,
  kinds: readonly string[],
): Promise<string | undefined> {
  const { documents, mistake } = await readPlainYaml(file?.text ?? '');
  if (documents === undefined) return mistake.sentence;
  const values = documents.map(({ value }) => value);
  const found = values.map((value) => {
    const kind = memberOf(value, 'kind');
    return typeof kind === 'string' ? kind : 'no kind';
  });
  if (found.join(' ') !== kinds.join(' ')) return `there are ${found.join(', ')} in place of ${kinds.join(', ')}`;
  return whyOtherRanges(values, policy, target);
}

/** Says which network is missing, or too many, in a value of any form. */
export function whyOtherRanges(value: unknown, policy: EgressPolicy, target: TargetName): string | undefined {
  const wanted = new Set(allowList(policy, target).flatMap(({ ranges }) => rangeTexts(ranges)));
  const found = new Set<string>();
  collect(value, found);
  const missing = [...wanted].find((range) => !found.has(range));
  if (missing !== undefined) return `${missing} would not be reached`;
  const extra = [...found].find((range) => !wanted.has(range) && range !== '0.0.0.0/0' && range !== '::/0');
  return extra === undefined ? undefined : `${extra} would be reached, which no policy says`;
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') {
    if (/^[0-9a-f:.]+\/\d+$/.test(value)) found.add(value);
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) collect(each, found);
  }
}
