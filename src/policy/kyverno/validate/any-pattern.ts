import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { matchPattern } from '../pattern/match-pattern.ts';
import { preparePattern } from '../pattern/prepared-pattern.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { invalid, notMeant, patternMessage, type Validate, type ValidationWords, valid } from './model.ts';

/** Several patterns, of which one must be met; where some say nothing and the others are not met, they are not met. */
export function compileAnyPattern(
  patterns: readonly JsonValue[],
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
): Validate {
  if (patterns.length === 0) compiler.mistake(path, 'needs one pattern at least');
  const templates = patterns.map((pattern, at) => preparePattern(compiler.template(pattern, [...path, at])));
  return (scope, target) => {
    const results = [];
    for (const patternFor of templates) {
      const result = matchPattern(target, patternFor(scope.search), scope.step);
      if (result.kind === 'passed') return valid;
      results.push(result);
    }
    const failed = results.flatMap((result, at) =>
      result.kind === 'failed' ? [`rule ${words.rule}[${at}] failed at path ${result.path}`] : [],
    );
    if (failed.length > 0) return invalid(patternMessage(words, scope, failed.join(' ')));
    return notMeant(`no pattern of rule ${words.rule} is about anything here`);
  };
}
