import type { ZodType } from 'zod';
import { errorMessage } from '../../../../base/error.ts';
import { printable } from '../../../../base/printable.ts';
import { parseStrictJson } from '../../../../codec/json/parse.ts';
import { RuleError, type RuleErrorCode } from '../../error.ts';
import { ruleLimits } from '../../limits.ts';

/** Reads a policy as JSON text of a form. @throws RuleError POLICY_INVALID, LIMIT_EXCEEDED */
export function readPolicy<Policy>(text: string | Uint8Array, schema: ZodType<Policy>): Policy {
  const result = schema.safeParse(readJson(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const why = keys.length > 0 ? 'is not known' : lowerFirst(issue?.message ?? 'does not fit');
  throw policyError('POLICY_INVALID', jsonPath([...(issue?.path ?? []), ...keys]), why);
}

/** Reads what another registry gave, of whatever form. @throws RuleError POLICY_INVALID, LIMIT_EXCEEDED */
export function readJson(text: string | Uint8Array): unknown {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  if (bytes.length > ruleLimits.policyBytes) {
    throw new RuleError(
      'LIMIT_EXCEEDED',
      `The policy has ${bytes.length} bytes; at most ${ruleLimits.policyBytes} are read`,
    );
  }
  try {
    return parseStrictJson(bytes, ruleLimits.policyDepth);
  } catch (cause) {
    throw new RuleError('POLICY_INVALID', `${errorMessage(cause)}; give the policy as its registry's API shows it`, {
      cause,
    });
  }
}

/** The error for one place of a policy; `why` goes on with the sentence that the place begins. */
export function policyError(code: RuleErrorCode, path: string, why: string, cause?: unknown): RuleError {
  return new RuleError(
    code,
    `${printable(path, 200)} ${printable(why, 400)}`,
    cause === undefined ? undefined : { cause },
  );
}

/** Names a place in a document: `$.rules[0].selection`. */
export function jsonPath(steps: readonly PropertyKey[]): string {
  let path = '$';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += /^[A-Za-z_]\w*$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`;
  }
  return path;
}

function lowerFirst(text: string): string {
  return `is wrong: ${text[0]?.toLowerCase() ?? ''}${text.slice(1)}`;
}
