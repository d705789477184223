import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { matchPattern } from '../pattern/match-pattern.ts';
import { preparePattern } from '../pattern/prepared-pattern.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { invalid, notMeant, patternMessage, type Validate, type ValidationWords, valid } from './model.ts';

/** What an object must be like (Kyverno, "Patterns"). */
export function compilePattern(
  pattern: JsonValue,
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
): Validate {
  const patternFor = preparePattern(compiler.template(pattern, path));
  return (scope, target) => {
    const result = matchPattern(target, patternFor(scope.search), scope.step);
    if (result.kind === 'passed') return valid;
    if (result.kind === 'skipped') return notMeant(`rule ${words.rule} is about nothing here: ${result.why}`);
    return invalid(patternMessage(words, scope, `rule ${words.rule} failed at path ${result.path}`));
  };
}
