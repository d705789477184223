import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate, makeExtension } from '../../../testing/signing/certificate-maker.ts';
import { CodecError } from '../../codec/error.ts';
import { derInteger, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import { readFulcioExtensions, type FulcioExtensions } from './fulcio-extensions.ts';

const arc = '1.3.6.1.4.1.57264.1.';

function read(values: Readonly<Record<number, string | Buffer>>): FulcioExtensions {
  const extensions = Object.entries(values).map(([number, value]) => {
    const bytes = Buffer.from(value);
    const isText = typeof value === 'string' && Number(number) > 6;
    return makeExtension(arc + number, false, isText ? derValue(derTag.utf8String, bytes) : bytes);
  });
  return readFulcioExtensions(makeCertificate({ extensions }).parsed);
}

test('readFulcioExtensions() reads every claim under its name', () => {
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1).filter((number) => number !== 7);
  const { claims, texts } = read(Object.fromEntries(numbers.map((number) => [number, `value ${number}`])));
  assert.deepEqual(claims, {
    issuer: 'value 8',
    githubWorkflowTrigger: 'value 2',
    githubWorkflowSha: 'value 3',
    githubWorkflowName: 'value 4',
    githubWorkflowRepository: 'value 5',
    githubWorkflowRef: 'value 6',
    buildSignerUri: 'value 9',
    buildSignerDigest: 'value 10',
    runnerEnvironment: 'value 11',
    sourceRepositoryUri: 'value 12',
    sourceRepositoryDigest: 'value 13',
    sourceRepositoryRef: 'value 14',
    sourceRepositoryIdentifier: 'value 15',
    sourceRepositoryOwnerUri: 'value 16',
    sourceRepositoryOwnerIdentifier: 'value 17',
    buildConfigUri: 'value 18',
    buildConfigDigest: 'value 19',
    buildTrigger: 'value 20',
    runInvocationUri: 'value 21',
    sourceRepositoryVisibilityAtSigning: 'value 22',
    deploymentEnvironment: 'value 23',
    tokenSubject: 'value 24',
  });
  assert.deepEqual(
    [...texts],
    numbers.map((number) => [`${arc}${number}`, `value ${number}`]),
  );
});

test('readFulcioExtensions() takes the old issuer only where there is no new one', () => {
  assert.deepEqual(read({ 1: 'https://old.example' }).claims, { issuer: 'https://old.example' });
  assert.deepEqual(read({ 8: 'https://new.example', 1: 'https://old.example' }).claims, {
    issuer: 'https://new.example',
  });
  assert.deepEqual(read({}), { claims: {}, texts: new Map() });
  assert.throws(() => read({ 1: 'https://old.example', 8: Buffer.from('https://bare.example') }), CodecError);
});

test('readFulcioExtensions() refuses claims that are no text, and passes over numbers that are not given out', () => {
  assert.throws(() => read({ 2: Buffer.from([0xff]) }), /not UTF-8/);
  assert.throws(() => read({ 9: derInteger(1) }), CodecError);
  assert.throws(() => read({ 9: derValue(derTag.ia5String, Buffer.from('x')) }), CodecError);
  assert.throws(() => read({ 24: derInteger(1) }), CodecError);
  const { texts } = read({ 0: Buffer.from('x'), 7: Buffer.from('x'), 25: 'later', 26: derInteger(1) });
  assert.deepEqual([...texts], [[`${arc}25`, 'later']]);
  const text = derValue(derTag.utf8String, Buffer.from('x'));
  const foreign = ['1.2.3', `${arc}8.1`, '1.3.6.1.4.1.57264.2'].map((oid) => makeExtension(oid, false, text));
  assert.equal(readFulcioExtensions(makeCertificate({ extensions: foreign }).parsed).texts.size, 0);
});
