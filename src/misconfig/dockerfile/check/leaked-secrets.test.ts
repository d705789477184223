import assert from 'node:assert/strict';
import test from 'node:test';
import { testDockerfileCheck } from '../../../../testing/misconfig/dockerfile-cases.ts';
import { parseDockerfile } from '../../../lang/dockerfile/parse-dockerfile.ts';
import { makeDocument } from '../document.ts';
import { leakedSecrets } from './leaked-secrets.ts';

testDockerfileCheck(leakedSecrets, [
  ['plain variables', 'FROM a:1\nENV PATH=/x NODE_ENV=production\nARG VERSION=1'],
  ['known variables', 'FROM a:1\nENV AWS_ACCESS_KEY_ID=x\nARG AWS_SECRET_ACCESS_KEY\nENV GITHUB_PAT x', '2', '3', '4'],
  ['prefixes of builders of pages', 'FROM a:1\nENV VITE_STRIPE_API_KEY=x REACT_APP_TOKEN=y', '2', '2'],
  ['words', 'FROM a:1\nENV DB_PASSWORD=x\nENV dbPassword=x\nARG NPM_TOKEN\nENV CLIENT_SECRET="y"', '2', '3', '4', '5'],
  ['what is public', 'FROM a:1\nENV NEXT_PUBLIC_API_KEY=x PUBLIC_TOKEN=y'],
  [
    'what only tells about a secret',
    'FROM a:1\nENV TOKEN_URL=https://example.org SECRET_NAME=x PASSWORD_FILE=/run/secrets/x',
  ],
  ['empty values, switches and numbers', 'FROM a:1\nENV TOKEN= AUTH=true TOKEN_COUNT=3'],
  ['fingerprints and other words', 'FROM a:1\nENV GPG_KEY=E3FF TOKENIZERS_PARALLELISM=x KEYBOARD=y'],
  ['a stage that is not in the image', 'FROM a:1 AS b\nARG NPM_TOKEN\nFROM c:1\nCOPY --from=b /x /x'],
  ['a stage below the last', 'FROM a:1 AS b\nARG NPM_TOKEN\nFROM b', '2'],
  ['an argument before the first stage', 'ARG NPM_TOKEN\nFROM a:1'],
  ['a file that is copied', 'FROM a:1\nENV GOOGLE_APPLICATION_CREDENTIALS=/app/key.json\nCOPY key.json /app/', '3'],
  [
    'a file that is copied into the working folder',
    'FROM a:1\nWORKDIR /app\nADD conf/key.json .\nENV GOOGLE_APPLICATION_CREDENTIALS=/app/key.json',
    '3',
  ],
  ['a file that is not copied', 'FROM a:1\nENV KUBECONFIG=/app/config\nCOPY config /other/'],
  ['a login with a literal', 'FROM a:1\nRUN aws configure set aws_secret_access_key abc', '2'],
  ['a login of a profile', 'FROM a:1\nRUN a && \\\n  aws configure set --profile x default.aws_session_token abc', '3'],
  ['logins of other clouds', 'FROM a:1\nRUN az login -u x -p abc\nRUN doctl auth init --access-token=abc', '2', '3'],
  ['a key file', 'FROM a:1\nRUN gcloud auth activate-service-account --key-file key.json', '2'],
  [
    'a login by a mounted secret',
    'FROM a:1\nRUN --mount=type=secret,id=k gcloud auth activate-service-account --key-file=/run/secrets/k',
  ],
  ['a login by a variable', 'FROM a:1\nRUN doctl auth init -t "$TOKEN" && az login --password $(cat x)'],
  ['other settings', 'FROM a:1\nRUN aws configure set region eu-1 && az account show -p x'],
]);

test('DS-0031 never tells the value', () => {
  const source =
    'FROM a:1\nENV API_TOKEN=hunter2\nRUN az login --password hunter2\nRUN aws configure set aws_session_token hunter2';
  const messages = [...leakedSecrets.find(makeDocument(parseDockerfile(source)))].map(({ message }) => message);
  assert.equal(messages.length, 3);
  assert.doesNotMatch(messages.join(), /hunter2/);
});
