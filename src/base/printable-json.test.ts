import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableJson } from './printable-json.ts';

test('printableJson() escapes what a terminal could obey, and nothing else', () => {
  for (const [text, written] of [
    ['plain "text" \u00E4\u65E5\u{1F600}', '"plain \\"text\\" \u00E4\u65E5\u{1F600}"'],
    ['\u001B[31m', '"\\u001b[31m"'],
    ['\u009B31m\u007F', '"\\u009b31m\\u007f"'],
    ['\u202Egpj.exe\u2066\u200B', '"\\u202egpj.exe\\u2066\\u200b"'],
    ['\u2028', '"\\u2028"'],
    ['\uD800', '"\\ud800"'],
  ] as const) {
    assert.equal(printableJson(text), written);
    assert.equal(JSON.parse(printableJson(text)), text);
    assert.deepEqual(JSON.parse(printableJson({ [text]: 1 })), { [text]: 1 });
  }
});
