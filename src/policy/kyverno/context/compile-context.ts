import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { ContextEntry } from '../document/policy/model.ts';
import { kyvernoLimits } from '../limits.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { Judging } from '../rule/judging.ts';
import { reservedVariables } from '../rule/request-variables.ts';
import type { Search } from '../variables/template.ts';
import { compileApiCall } from './api-call.ts';
import { compileConfigMap } from './config-map.ts';
import { compileGlobalReference } from './global-reference.ts';
import { compileImageRegistry } from './image-registry.ts';
import { compileVariable } from './variable.ts';

/** What an entry is computed with: the variables before it. */
export interface ContextScope {
  readonly search: Search;
  readonly judging: Judging;
}

/** Computes the value of an entry. @throws LangError, NeedsLookup */
export type LoadContext = (scope: ContextScope) => JsonValue;

/** An entry of a `context`, ready to be computed. */
export interface ContextEntryLoader {
  readonly name: string;
  readonly load: LoadContext;
}

const kinds = ['variable', 'configMap', 'apiCall', 'imageRegistry', 'globalReference'] as const;

/** Compiles a `context` (Kyverno, "External Data Sources"). What is wrong with it is told to the compiler. */
export function compileContext(
  entries: readonly ContextEntry[] | undefined,
  path: ConfigPath,
  compiler: RuleCompiler,
): readonly ContextEntryLoader[] {
  if (entries === undefined) return [];
  if (entries.length > kyvernoLimits.contextEntries) {
    compiler.mistake(path, `has more than ${kyvernoLimits.contextEntries} entries`);
    return [];
  }
  return entries.map((entry, at) => {
    const own = [...path, at];
    checkName(entry.name, [...own, 'name'], compiler);
    return { name: entry.name, load: compileEntry(entry, own, compiler) };
  });
}

function compileEntry(entry: ContextEntry, path: ConfigPath, compiler: RuleCompiler): LoadContext {
  const there = kinds.filter((each) => entry[each] !== undefined);
  const { variable, configMap, apiCall, imageRegistry, globalReference } = entry;
  if (there.length !== 1) compiler.mistake(path, `takes exactly one of ${kinds.join(', ')}`);
  else if (variable !== undefined) return compileVariable(entry.name, variable, [...path, 'variable'], compiler);
  else if (configMap !== undefined) return compileConfigMap(configMap, [...path, 'configMap'], compiler);
  else if (apiCall !== undefined) return compileApiCall(apiCall, [...path, 'apiCall'], compiler);
  else if (imageRegistry !== undefined)
    return compileImageRegistry(imageRegistry, [...path, 'imageRegistry'], compiler);
  else if (globalReference !== undefined)
    return compileGlobalReference(globalReference, [...path, 'globalReference'], compiler);
  return () => null;
}

function checkName(name: string, path: ConfigPath, compiler: RuleCompiler): void {
  if (name === '') compiler.mistake(path, 'is empty');
  // `element0` and the like are of the lists around.
  const first = (name.split('.', 1)[0] ?? '').replace(/^(element|elementIndex)\d+$/, '$1');
  if (reservedVariables.includes(first))
    compiler.mistake(path, `is the name of a variable that is always there: ${first}`);
}
