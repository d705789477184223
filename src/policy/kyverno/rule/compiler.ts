import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { compileTemplate, type Search, type Template } from '../variables/template.ts';
import type { RuleTools } from './tools.ts';

/** Compiles the parts of one rule, and collects what is wrong with them. Paths begin at the rule. */
export class RuleCompiler {
  readonly tools: RuleTools;
  /** Of a `Policy`; undefined for a `ClusterPolicy`. */
  readonly namespace: string | undefined;
  readonly findings: Finding[] = [];

  constructor(tools: RuleTools, namespace: string | undefined) {
    this.tools = tools;
    this.namespace = namespace;
  }

  /** Something is wrong with a part. */
  mistake(path: ConfigPath, sentence: string): void {
    this.findings.push({ path, sentence });
  }

  /** Reads a value with variables, each of which is compiled. */
  template(value: JsonValue, path: ConfigPath): Template {
    if (hasReference(value)) {
      this.mistake(
        path,
        'has $(…), which stands for another part of the pattern and is not supported; write its value',
      );
    }
    return (
      this.attempt(path, () => {
        const template = compileTemplate(value);
        for (const each of template.expressions) {
          if (each === '@')
            throw new LangError('SYNTAX', '{{ @ }} is not supported; write request.object and the path');
          this.tools.expressions.prepare(each);
        }
        return template;
      }) ?? { isFixed: true, fill: () => value, expressions: [] }
    );
  }

  /** Reads a text with variables, which must give a text. */
  text(value: string, path: ConfigPath, what: string): (search: Search) => string {
    const { fill } = this.template(value, path);
    return (search) => {
      const found = fill(search);
      if (typeof found === 'string') return found;
      throw new LangError('EVALUATION', `The ${what} is no text`);
    };
  }

  /** Reads an expression that stands without braces and has no variables of its own. */
  expression(text: string, path: ConfigPath): string {
    if (text.includes('{{')) this.mistake(path, 'is an expression already; write it without {{ and }}');
    else this.attempt(path, () => this.tools.expressions.prepare(text));
    return text;
  }

  /** Does what may find that a part cannot be read, which is a mistake then. */
  attempt<Value>(path: ConfigPath, act: () => Value): Value | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof LangError)) throw error;
      this.mistake(path, `cannot be used: ${error.message}`);
      return undefined;
    }
  }
}

/** As Kyverno finds them. */
function hasReference(value: JsonValue): boolean {
  if (typeof value === 'string') return /\$\(.[^ ]*\)/.test(value);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([name, each]) => hasReference(name) || hasReference(each));
}
