import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { ApiCall } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { apiPathMistake } from './api-path.ts';
import type { LoadContext } from './compile-context.ts';
import { apiLookup } from './lookup.ts';
import { compileView } from './view.ts';

/**
 * What the API server answers. Services, and methods that may change something, are refused: who may write a policy must not thereby send
 * requests from where policies are judged.
 */
export function compileApiCall(call: ApiCall, path: ConfigPath, compiler: RuleCompiler): LoadContext {
  const { urlPath, method, data, service, jmesPath, default: otherwise } = call;
  if (service !== undefined) {
    compiler.mistake(
      [...path, 'service'],
      'is not supported: policies ask the API server alone, and no other addresses',
    );
  }
  if (method === 'POST') compiler.mistake([...path, 'method'], 'is not supported: policies read, and send nothing');
  if (data !== undefined) compiler.mistake([...path, 'data'], 'is not supported: policies read, and send nothing');
  if (urlPath === undefined && service === undefined) compiler.mistake([...path, 'urlPath'], 'is missing; add it');
  const own = [...path, 'urlPath'];
  const template = compiler.template(urlPath ?? '', own);
  if (template.isFixed && urlPath !== undefined) {
    const wrong = apiPathMistake(urlPath, compiler.namespace);
    if (wrong !== undefined) compiler.mistake(own, wrong);
  } else if (urlPath?.startsWith('/') === false) compiler.mistake(own, 'is no path of the API server; begin it with /');
  const view = compileView(jmesPath, [...path, 'jmesPath'], compiler);
  const fallback = otherwise === undefined ? undefined : compiler.template(otherwise, [...path, 'default']);
  return (scope) => {
    const asked = template.fill(scope.search);
    const wrong = typeof asked === 'string' ? apiPathMistake(asked, compiler.namespace) : 'is no text';
    if (wrong !== undefined || typeof asked !== 'string')
      throw new LangError('EVALUATION', `The urlPath ${wrong ?? ''}`);
    const found = scope.judging.lookUp(apiLookup(asked), `What the API server has at ${asked}`);
    if (found !== undefined) return view(found, scope) ?? fallback?.fill(scope.search) ?? null;
    if (fallback !== undefined) return fallback.fill(scope.search);
    throw new LangError('EVALUATION', `The API server has nothing at ${asked}`);
  };
}
