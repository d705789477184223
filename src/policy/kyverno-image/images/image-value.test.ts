import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCelExpression } from '../../../lang/cel/compile.ts';
import { LangError } from '../../../lang/error.ts';
import { imageFunctions } from './image-value.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

function value(text: string, name: string): unknown {
  return compileCelExpression(text, ['ref'], imageFunctions)({ ref: name });
}

for (const [text, name, answer] of [
  ['image(ref).registry()', 'nginx', 'index.docker.io'],
  ['image(ref).registry()', 'ghcr.io/org/app:1', 'ghcr.io'],
  ['image(ref).repository()', 'nginx', 'library/nginx'],
  ['image(ref).tag()', 'nginx', 'latest'],
  ['image(ref).tag()', `a/b:1@${digest}`, ''],
  ['image(ref).digest()', `a/b:1@${digest}`, digest],
  ['image(ref).digest()', 'a/b:1', ''],
  ['image(ref).identifier()', 'a/b:1', '1'],
  ['image(ref).identifierWithSeparator()', `a/b:1@${digest}`, `:1@${digest}`],
  ['image(ref).containsDigest()', `a/b@${digest}`, true],
  ['parseImageReference(ref).containsDigest()', 'a/b:1', false],
  ['isImage(ref)', 'a/b:1', true],
  ['isImage(ref)', 'No Image', false],
] as const) {
  test(`${text} of ${name.slice(0, 20)}`, () => assert.equal(value(text, name), answer));
}

test('the name of no image has no parts', () => {
  assert.throws(() => value('image(ref).tag()', 'No Image'), LangError);
});
