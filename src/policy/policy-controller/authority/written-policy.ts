import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { WrittenPolicy } from '../document/cluster-image-policy/model.ts';
import type { Translation } from './translation.ts';

const options = ['fetchConfigFile', 'includeSpec', 'includeObjectMeta', 'includeTypeMeta'] as const;

/**
 * Tells that a policy in a language of its own is not carried out, and what to write instead. It is never left out silently: without it,
 * an image would pass that it keeps away.
 *
 * @param isWhole whether it is the policy's own, and not that of an attestation
 */
export function refuseWritten(
  written: WrittenPolicy,
  path: ConfigPath,
  isWhole: boolean,
  { findings }: Translation,
): void {
  const { type, data, url, configMapRef, remote } = written;
  if (type !== 'cue' && type !== 'rego') {
    findings.push({ path: [...path, 'type'], sentence: `is "${printable(type)}"; there are cue and rego` });
    return;
  }
  if (!isWhole) {
    for (const name of options) {
      if (written[name] === undefined) continue;
      findings.push({ path: [...path, name], sentence: 'is for the policy of the whole document alone' });
    }
  }
  if ([data, url, configMapRef, remote].filter((each) => each !== undefined).length !== 1) {
    findings.push({ path, sentence: 'takes exactly one of data, url, configMapRef, remote' });
  }
  const language = type === 'cue' ? 'CUE' : 'Rego';
  const instead = isWhole
    ? 'write an ImagePolicy of seaworthy.dev/v1 with an expression in CEL over signatures, attestations and image'
    : 'write an ImagePolicy of seaworthy.dev/v1 whose attestation has a condition in CEL over predicate';
  findings.push({
    path: [...path, 'type'],
    sentence: `is ${type}, and there is nothing here that carries out ${language}; ${instead}`,
  });
}
