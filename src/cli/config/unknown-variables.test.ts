import assert from 'node:assert/strict';
import test from 'node:test';
import { unknownVariables } from './unknown-variables.ts';

const cases: readonly (readonly [Readonly<Record<string, string>>, readonly RegExp[]])[] = [
  [{ PATH: '/bin', SEAWORTHY_SEVERITY: 'HIGH', SEAWORTHY_CONFIG: 'x', SEAWORTHY_PASSWORD: 'y' }, []],
  [{ SEAWORTHY_SEVERTY: 'HIGH' }, [/^The variable SEAWORTHY_SEVERTY .*did you mean SEAWORTHY_SEVERITY\?/]],
  [{ SEAWORTHY_ENTIRELY_UNRELATED_THING: '1' }, [/has no effect$/]],
  [{ 'SEAWORTHY_\u001B[31m': '1' }, [/^The variable SEAWORTHY_\?+31m /]],
];

test('unknownVariables() names what looks like a setting and is none', () => {
  for (const [env, expected] of cases) {
    const found = unknownVariables(env);
    assert.equal(found.length, expected.length, JSON.stringify(env));
    for (const [at, pattern] of expected.entries()) assert.match(found[at] ?? '', pattern);
  }
});
