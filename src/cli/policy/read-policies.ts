import { type CompiledPolicy, compilePolicy } from '../../policy/compile.ts';
import { compileTexts } from '../../policy/dialects/compile-texts.ts';
import type { OtherDocument } from '../../policy/dialects/model.ts';
import { isOfPolicyGroup } from '../../policy/dialects/policy-groups.ts';
import type { TextDocument } from '../../policy/dialects/split-documents.ts';
import { withKeyFiles } from '../../policy/key-files.ts';
import type { KyvernoSettings } from '../../policy/kyverno/rule/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import { readPolicy } from '../../policy/seaworthy/read-policy.ts';
import { compileObjectPolicies } from '../../policy/seaworthy/resource-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { Host } from '../host.ts';
import { mistakeLines, readPolicyFiles, readSignerKeys } from './policy-files.ts';
import { splitSources } from './split-sources.ts';

/** What images are judged by. */
export interface PolicySet {
  /** All documents of our own, as one policy about images. Keys that are elsewhere are still to be looked up. */
  readonly image: CompiledPolicy | undefined;
  /** Policies about objects that run images: those of others, and what our own say of objects themselves. */
  readonly objects: readonly ResourcePolicy[];
  /** Documents that are no policies, of kinds that nobody expects to be one. */
  readonly others: readonly OtherDocument[];
}

/**
 * Reads policies of all dialects.
 *
 * @returns the policies, or all that is wrong with them, one a line
 */
export async function readPolicies(
  files: readonly string[],
  kyverno: KyvernoSettings,
  host: Pick<Host, 'cwd' | 'readStdin'>,
): Promise<PolicySet | { readonly wrong: readonly string[] }> {
  const { sources, unreadable } = await readPolicyFiles(files, host);
  if (unreadable.length > 0) return { wrong: unreadable };
  const { own, rest, empty } = await splitSources(sources);
  const [image, { policies, mistakes, others }] = await Promise.all([
    own.length === 0 ? undefined : readOwn(own),
    compileTexts(rest, { kyverno }),
  ]);
  const unread = others.filter(({ apiVersion }) => isOfPolicyGroup(apiVersion));
  const wrong = [
    ...empty,
    ...(image?.wrong ?? []),
    ...mistakeLines(mistakes),
    ...unread.map(({ file, line, apiVersion, kind }) =>
      cleanText(
        `${file}:${line}: ${kind} of ${apiVersion} cannot be judged by here; leave it out, or judge by another policy`,
      ),
    ),
  ];
  if (wrong.length > 0) return { wrong };
  const objects = [...(image?.objects ?? []), ...policies];
  if ((image?.policy?.rules.length ?? 0) + objects.length === 0) {
    return { wrong: ['There is no rule in these files, so that every image would pass; name other ones'] };
  }
  return { image: image?.policy, objects, others };
}

async function readOwn(documents: readonly TextDocument[]): Promise<{
  readonly policy?: CompiledPolicy;
  readonly objects?: readonly ResourcePolicy[];
  readonly wrong: readonly string[];
}> {
  const reading = await readPolicy(documents);
  if (reading.mistakes !== undefined) return { wrong: mistakeLines(reading.mistakes) };
  const { texts, mistakes } = await readSignerKeys(reading);
  if (mistakes.length > 0) return { wrong: mistakeLines(mistakes) };
  const access = { plainHttp: false, secrets: [], providers: [] };
  return {
    policy: compilePolicy(withKeyFiles(reading.policy, texts)),
    objects: compileObjectPolicies(reading.imagePolicies, { access }),
    wrong: [],
  };
}
