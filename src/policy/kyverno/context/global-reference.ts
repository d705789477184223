import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { ContextEntry } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { LoadContext } from './compile-context.ts';
import { globalReferenceLookup } from './lookup.ts';
import { compileView } from './view.ts';

/** What is kept for all policies; of all namespaces, so that policies of one have no part in it. */
export function compileGlobalReference(
  { name, jmesPath }: NonNullable<ContextEntry['globalReference']>,
  path: ConfigPath,
  compiler: RuleCompiler,
): LoadContext {
  if (compiler.namespace !== undefined) {
    compiler.mistake(path, 'cannot be in a Policy, which may read its own namespace alone; make it a ClusterPolicy');
  }
  const nameOf = compiler.text(name, [...path, 'name'], 'name of a globalReference');
  const view = compileView(jmesPath, [...path, 'jmesPath'], compiler);
  return (scope) => {
    const asked = nameOf(scope.search);
    const found = scope.judging.lookUp(globalReferenceLookup(asked), `Global context ${asked}`);
    if (found === undefined) throw new LangError('EVALUATION', `Global context ${asked} is not there`);
    return view(found, scope);
  };
}
