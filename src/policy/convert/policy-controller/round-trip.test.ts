import { test } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { judgesAlike } from '../../../../testing/policy/convert-alike.ts';

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
}) as string;

function controller(spec: string): string {
  return `apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec:\n${spec}\n`;
}

const releaseKey = `key: {data: ${JSON.stringify(pem)}}`;
const identity = 'keyless: {identities: [{issuer: https://issuer, subjectRegExp: "^https://github.com/org/.*$"}]}';
const orgs = "  images: [{glob: 'ghcr.io/org/**'}]\n";
const statement = (name: string, type: string): string => `{name: ${name}, predicateType: ${type}}`;

const controllerCases: Readonly<Record<string, string>> = {
  'a key': controller(`${orgs}  authorities: [{${releaseKey}}]`),
  'a key, warned of': controller(`${orgs}  mode: warn\n  authorities: [{${releaseKey}}]`),
  'one of several': controller(`${orgs}  authorities: [{name: a, ${releaseKey}}, {name: b, ${identity}}]`),
  'places of signatures': controller(
    `${orgs}  authorities: [{${releaseKey}, source: [{oci: ghcr.io/org/sigs}, {oci: ghcr.io/org/others, tagPrefix: v1}]}]`,
  ),
  statements: controller(
    `${orgs}  authorities: [{${identity}, attestations: [${statement('s', 'spdxjson')}, ${statement('v', 'vuln')}]}]`,
  ),
  'statements of one, and another': controller(
    `${orgs}  authorities: [{name: a b, ${identity}, attestations: [${statement('1st', 'spdxjson')}, ${statement('v', 'vuln')}]}, {${releaseKey}}]`,
  ),
  'whatever there is': controller(`${orgs}  authorities: [{static: {action: pass}}]`),
  'nothing at all': controller(`${orgs}  authorities: [{static: {action: fail, message: never}}]`),
  'nothing at all, or a key': controller(`${orgs}  authorities: [{static: {action: fail}}, {${releaseKey}}]`),
  'stars within parts': controller(
    `  images: [{glob: 'ghcr.io/*/app*'}, {glob: 'ghcr.io/org/team/*'}]\n  authorities: [{${releaseKey}}]`,
  ),
  'names without a host': controller(`  images: [{glob: 'ngin*'}, {glob: '*'}]\n  authorities: [{${releaseKey}}]`),
  'official images': controller(`  images: [{glob: 'index.docker.io/library/**'}]\n  authorities: [{${releaseKey}}]`),
  'all images': controller(`  images: [{glob: '**'}]\n  authorities: [{${releaseKey}}]`),
  'some kinds': controller(
    `${orgs}  match: [{resource: pods, version: v1}, {group: apps, resource: statefulsets}]\n  authorities: [{${releaseKey}}]`,
  ),
};

for (const [what, text] of Object.entries(controllerCases)) {
  test(`a policy of policy-controller and what it is converted into judge alike: ${what}`, () =>
    judgesAlike(text, { sure: what === 'whatever there is' }));
}
