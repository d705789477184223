import assert from 'node:assert/strict';
import test from 'node:test';
import { parseFullName } from './full-name.ts';

const fullNames: readonly (readonly [string, readonly [string, string, string?] | undefined])[] = [
  ['rake-13.0.6', ['rake', '13.0.6']],
  ['net-telnet-0.2.0', ['net-telnet', '0.2.0']],
  ['rails-7.1.0.beta1', ['rails', '7.1.0.beta1']],
  ['nokogiri-1.15.4-x86_64-linux', ['nokogiri', '1.15.4', 'x86_64-linux']],
  ['grpc-1.50.0-arm64-darwin-22', ['grpc', '1.50.0', 'arm64-darwin-22']],
  ['json-2.6.3-java', ['json', '2.6.3', 'java']],
  ['ffi-1.15.5-x64-mingw-ucrt', ['ffi', '1.15.5', 'x64-mingw-ucrt']],
  ['aws-sdk-s3-1.2.3', ['aws-sdk-s3', '1.2.3']],
  ['a-2-b-1.0', ['a-2-b', '1.0']],
  ['a-1.8-compat-2.0.0', ['a-1.8-compat', '2.0.0']],
  ['foo-2', ['foo', '2']],
  ['foo', undefined],
  ['1.0', undefined],
  ['', undefined],
];

for (const [fullName, expected] of fullNames) {
  test(`parseFullName() splits ${fullName === '' ? 'nothing' : fullName}`, () => {
    const found = parseFullName(fullName);
    assert.deepEqual(
      found === undefined
        ? undefined
        : [found.name, found.version, ...(found.platform === undefined ? [] : [found.platform])],
      expected,
    );
  });
}
