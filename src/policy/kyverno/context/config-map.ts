import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import { memberOf, objectOf } from '../../../lang/jmespath/value.ts';
import type { ContextEntry } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { LoadContext } from './compile-context.ts';
import { configMapLookup } from './lookup.ts';

const nameGrammar = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** `data` and `metadata` of a ConfigMap; a policy of a namespace reads those of its own alone. */
export function compileConfigMap(
  { name, namespace }: NonNullable<ContextEntry['configMap']>,
  path: ConfigPath,
  compiler: RuleCompiler,
): LoadContext {
  const own = compiler.namespace;
  const nameOf = compiler.text(name, [...path, 'name'], 'name of a ConfigMap');
  const written = namespace === undefined || namespace === '' ? (own ?? 'default') : namespace;
  const namespaceOf = compiler.text(written, [...path, 'namespace'], 'namespace of a ConfigMap');
  if (own !== undefined && !written.includes('{{') && written !== own) {
    compiler.mistake([...path, 'namespace'], `is another namespace than the policy's, ${own}`);
  }
  return ({ search, judging }) => {
    const [ownName, place] = [nameOf(search), namespaceOf(search)];
    if (!nameGrammar.test(ownName) || !nameGrammar.test(place)) {
      throw new LangError('EVALUATION', 'The name of a ConfigMap cannot be one');
    }
    if (own !== undefined && place !== own) {
      throw new LangError('EVALUATION', `A policy of namespace ${own} reads no ConfigMap of another one`);
    }
    const what = `ConfigMap ${place}/${ownName}`;
    const found = judging.lookUp(configMapLookup(place, ownName), what);
    if (found === undefined) throw new LangError('EVALUATION', `${what} is not there`);
    return objectOf((['data', 'metadata'] as const).map((each) => [each, memberOf(found, each) ?? {}] as const));
  };
}
