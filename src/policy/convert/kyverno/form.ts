import type { TextMistake } from '../../dialects/model.ts';
import { compileKyvernoPolicies } from '../../kyverno/compile.ts';
import { readKyvernoPolicies, type ReadKyvernoException } from '../../kyverno/document/read-documents.ts';
import { usualNaming } from '../../kyverno/image-name.ts';
import type { KyvernoSettings } from '../../kyverno/rule/model.ts';
import { strictStyle } from '../../kyverno/style.ts';
import type { TextDocument } from '../../dialects/split-documents.ts';
import type { PolicyException } from '../../model.ts';
import type { ConvertibleForm, DocumentConversion } from '../forms.ts';
import type { ExceptionAnswers, ImagePolicyDraft } from '../model.ts';
import { UniqueNames } from '../../unique-names.ts';
import { convertKyvernoPolicy } from './convert-policy.ts';
import { convertException } from './exceptions.ts';

/** As policies are read that are not converted. */
const settings: KyvernoSettings = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };

/** Kyverno's `ClusterPolicy` and `Policy`, with the exceptions from them that stand beside them. */
export const kyvernoForm: ConvertibleForm = {
  reads: (apiVersion, kind) =>
    /^kyverno\.io\/v\d/.test(apiVersion) && ['ClusterPolicy', 'Policy', 'PolicyException'].includes(kind),
  async convert(documents, answers) {
    const mistakes: TextMistake[] = [];
    const policies: DocumentConversion[] = [];
    const exceptions: (ReadKyvernoException & { readonly at: TextDocument })[] = [];
    for (const at of documents) {
      const reading = await readKyvernoPolicies(at);
      // In which namespace exceptions count is nothing that they say themselves.
      const { mistakes: found } = compileKyvernoPolicies([{ ...reading, exceptions: [] }], settings);
      // What rules do that nothing here does is no mistake of theirs; whoever converts them tells it.
      const wrong = found.filter(({ sentence }) => !sentence.startsWith('is not supported'));
      mistakes.push(...wrong.map(({ reading: _reading, ...rest }) => ({ ...rest, file: at.file })));
      if (wrong.length > 0) continue;
      exceptions.push(...reading.exceptions.map((each) => ({ ...each, at })));
      for (const { policy, mistakeAt } of reading.policies) {
        const { kind, metadata } = policy;
        const what = `${kind} ${kind === 'Policy' ? `${metadata.namespace ?? 'default'}/` : ''}${metadata.name}`;
        policies.push({ converted: convertKyvernoPolicy(policy, strictStyle), at, what, mistakeAt });
      }
    }
    return { conversions: withExceptions(policies, exceptions, answers), mistakes };
  },
};

/** Policies with the exceptions from them, and what exceptions say that these cannot. */
function withExceptions(
  policies: readonly DocumentConversion[],
  exceptions: readonly (ReadKyvernoException & { readonly at: TextDocument })[],
  answers: ExceptionAnswers | undefined,
): readonly DocumentConversion[] {
  const drafts = policies.flatMap(({ converted }) => converted.drafts);
  const given = new Map<ImagePolicyDraft, PolicyException[]>();
  const names = new UniqueNames();
  const told = exceptions.map(({ exception, mistakeAt, at }): DocumentConversion => {
    const { given: own, unsaid } = convertException(exception, drafts, answers);
    for (const { draft, exception: made } of own) {
      const named = { name: names.take(exception.metadata.name), ...made };
      given.set(draft, [...(given.get(draft) ?? []), named]);
    }
    const { namespace = 'default', name } = exception.metadata;
    const note = `counts here wherever it stands, where Kyverno looks for exceptions in one namespace: ${namespace} must be that`;
    const spelled = 'are excepted by any spelling of their names here';
    const notes = [
      ...(own.length === 0 ? [] : [{ path: ['metadata', 'namespace'], sentence: note }]),
      ...(own.some(({ exception: made }) => made.sources !== undefined)
        ? [{ path: ['spec', 'images'], sentence: spelled }]
        : []),
    ];
    return { converted: { drafts: [], unsaid, notes }, at, what: `PolicyException ${namespace}/${name}`, mistakeAt };
  });
  const excepted = policies.map((each): DocumentConversion => {
    const own = each.converted.drafts.map((draft) => {
      const list = given.get(draft) ?? [];
      return list.length === 0 ? draft : { ...draft, policy: { ...draft.policy, exceptions: list } };
    });
    return { ...each, converted: { ...each.converted, drafts: own } };
  });
  return [...excepted, ...told];
}
