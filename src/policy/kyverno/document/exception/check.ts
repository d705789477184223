import type { Finding } from '../../../../codec/yaml/mistake.ts';
import { checkMatchBlock } from '../match/check.ts';
import type { KyvernoException } from './model.ts';

/** Finds what cannot be meant though each field is of its type, and what is not carried out. */
export function checkKyvernoException({ metadata, spec }: KyvernoException): readonly Finding[] {
  const found = [...checkMatchBlock(spec.match, ['spec', 'match'], 'ClusterPolicy', spec.background)];
  if (metadata.namespace === undefined) {
    found.push({ path: ['metadata', 'namespace'], sentence: 'is missing: exceptions count in one namespace alone' });
  }
  if (spec.podSecurity !== undefined) {
    const sentence = 'is not supported, as the podSecurity of rules is not; name the rules in exceptions';
    found.push({ path: ['spec', 'podSecurity'], sentence });
  }
  for (const [at, each] of spec.exceptions.entries()) {
    const path = ['spec', 'exceptions', at];
    if (each.values !== undefined) {
      found.push({ path: [...path, 'values'], sentence: 'is not supported; write conditions' });
    }
    if (each.reportAs !== undefined) {
      found.push({ path: [...path, 'reportAs'], sentence: 'is not supported: what is excepted is told as skipped' });
    }
    for (const [index, { imageReferences }] of (each.images ?? []).entries()) {
      if (imageReferences !== undefined && imageReferences.length > 0) continue;
      found.push({ path: [...path, 'images', index], sentence: 'needs imageReferences' });
    }
  }
  return found;
}
