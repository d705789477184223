import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { OciError } from './error.ts';
import { formatPlatform, hostPlatform, parsePlatform, platformDistance } from './platform.ts';

const spellings: readonly (readonly [string, string])[] = [
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['Linux/AMD64', 'linux/amd64'],
  ['linux/amd64/v1', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64/v3'],
  ['linux/i386', 'linux/386'],
  ['linux/arm64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm64/8', 'linux/arm64'],
  ['linux/aarch64', 'linux/arm64'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/7', 'linux/arm/v7'],
  ['linux/armhf', 'linux/arm/v7'],
  ['linux/armel', 'linux/arm/v6'],
  ['linux/ppc64le', 'linux/ppc64le'],
  ['macos/arm64', 'darwin/arm64'],
  ['windows(10.0.17763)/amd64', 'windows(10.0.17763)/amd64'],
];

test('parsePlatform() reads the spellings in use', () => {
  for (const [text, expected] of spellings) assert.equal(formatPlatform(parsePlatform(text)), expected, text);
});

test('parsePlatform() refuses what is no platform', () => {
  for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/amd64/v1/x', 'linux amd64', `linux/${'a'.repeat(99)}`]) {
    assert.throws(() => parsePlatform(text), { code: 'PLATFORM_INVALID' }, text);
  }
});

test('parsePlatform() throws nothing but its own error, and reads what formatPlatform() writes', () => {
  const part = fc.constantFrom('linux', 'arm', '/', 'v7', '(', ')', '.', '8', '', 'x86_64');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part, { maxLength: 9 }).map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          const platform = parsePlatform(text);
          assert.deepEqual(parsePlatform(formatPlatform(platform)), platform);
        } catch (error) {
          assert.ok(error instanceof OciError && error.code === 'PLATFORM_INVALID', String(error));
        }
      },
    ),
  );
});

test('hostPlatform() names linux on the architecture of Node', () => {
  const pairs = [
    ['x64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['arm', 'linux/arm/v7'],
    ['ia32', 'linux/386'],
    ['ppc64', 'linux/ppc64le'],
    ['s390x', 'linux/s390x'],
    ['riscv64', 'linux/riscv64'],
  ] as const;
  for (const [arch, expected] of pairs) assert.equal(formatPlatform(hostPlatform(arch)), expected);
});

/** Wanted, offered, whether it serves. */
const served: readonly (readonly [string, string, boolean])[] = [
  ['linux/amd64', 'linux/amd64', true],
  ['linux/amd64', 'linux/amd64/v1', true],
  ['linux/amd64', 'linux/amd64/v2', false],
  ['linux/amd64/v3', 'linux/amd64/v2', true],
  ['linux/amd64/v3', 'linux/amd64', true],
  ['linux/amd64', 'linux/386', false],
  ['linux/amd64', 'windows/amd64', false],
  ['linux/arm64', 'linux/arm64/v8', true],
  ['linux/arm64/v8', 'linux/arm64', true],
  ['linux/arm64', 'linux/arm64/v9', false],
  ['linux/arm64/v9', 'linux/arm64', true],
  ['linux/arm64/v9', 'linux/arm64/v8.5', true],
  ['linux/arm64/v9', 'linux/arm64/v8.6', false],
  ['linux/arm64', 'linux/arm/v7', false],
  ['linux/arm/v7', 'linux/arm/v6', true],
  ['linux/arm/v7', 'linux/arm/v5', true],
  ['linux/arm/v6', 'linux/arm/v7', false],
  ['linux/arm', 'linux/arm/v7', true],
  ['linux/mips/hardfloat', 'linux/mips/softfloat', false],
  ['windows(10.0.17763)/amd64', 'windows(10.0.17763.5696)/amd64', true],
  ['windows(10.0.17763)/amd64', 'windows(10.0.177631)/amd64', false],
  ['windows/amd64', 'windows(10.0.20348.1)/amd64', true],
];

test('platformDistance() tells what runs on what', () => {
  for (const [wanted, offered, expected] of served) {
    const distance = platformDistance(parsePlatform(wanted), parsePlatform(offered));
    assert.equal(distance !== undefined, expected, `${wanted} by ${offered}`);
  }
});

test('platformDistance() prefers the newest variant that runs', () => {
  const distances = ['v7', 'v6', 'v5'].map((variant) =>
    platformDistance(parsePlatform('linux/arm/v7'), { os: 'linux', architecture: 'arm', variant }),
  );
  assert.deepEqual(distances, [0, 100, 200]);
});
